"""A count or a window that was announced and has no post."""

from collections.abc import Iterator

from db.states import PostState
from scheduler.lint.numbers import said_aside
from scheduler.lint.promise import Hole, Place
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def announced_missing(view: View) -> Iterator[Found]:
    """One finding for each chapter or day that lacks, and one for all that is still to come at the end."""
    for hole in view.promise.holes:
        yield _row(view, hole) if hole.first != hole.last else _one(view, hole.first)
    book, promise = view.book, view.promise
    if promise.short:
        there = promise.count - promise.short
        message = f"{there} of the {promise.count} announced posts are there"
        yield Found(f"{promise.count} announced", message, _import(view, "the rest"))
    if promise.nobody:
        place = f"{book.announced_from} … {book.announced_until}"
        message = f"no post from {book.announced_from} to {book.announced_until}, the days announced"
        yield Found(place, message, _import(view, "a post with a `date` among them"))


def _one(view: View, place: Place) -> Found:
    if place.slot is None:
        return _without_chapter(view, place)
    chapter = f"chapter {place.number} of the {view.promise.count} announced"
    at = _day(view, place)
    if place.taken:
        return _without_chapter(view, place)
    if place.number is None:
        date = f"a post with `date: {at}`"
        return Found(at, f"no post on {at}, a day announced", _import(view, date))
    if place.written:
        return _elsewhere(view, place)
    return Found(at, f"no post on {at}: {chapter}{said_aside(_set_aside(view, place))}", _write(view, place, at))


def _without_chapter(view: View, place: Place) -> Found:
    message = (
        f"no post is chapter {place.number} of the {view.promise.count} announced{said_aside(_set_aside(view, place))}"
    )
    return Found(str(place.number), message, _write(view, place, None))


def _elsewhere(view: View, place: Place) -> Found:
    """The chapter is there, but its day has no post."""
    at = _day(view, place)
    chapter = next(one.chapter for one in view.numbered if one.number == (place.number,))
    stands = f"{chapter.slug} stands on {chapter.wall:%Y-%m-%d}" if chapter.wall else f"{chapter.slug} has no day"
    message = f"no post on {at}, announced for chapter {place.number} of {view.promise.count}; {stands}"
    movable = chapter.state == PostState.planned and place.slot is not None and place.slot > view.wall_now
    mend = view.command("pin", chapter.slug, at) if movable else "tell your readers, or announce other days"
    return Found(at, message, mend, chapter.slug)


def _row(view: View, hole: Hole) -> Found:
    first, last = hole
    days = f" from {_day(view, first)} to {_day(view, last)}" if first.slot else ""
    if first.number is None:
        message = f"no posts{days}, days announced"
    else:
        message = f"no posts{days}: chapters {first.number} to {last.number} of the {view.promise.count} announced"
    place = f"{_day(view, first)} … {_day(view, last)}" if first.slot else f"{first.number} … {last.number}"
    return Found(place, message, _import(view, "them"))


def _day(view: View, place: Place) -> str:
    if place.slot is None:
        return ""
    several = len(view.book.cadence.times) > 1
    return f"{place.slot:%Y-%m-%d %H:%M}" if several else f"{place.slot:%Y-%m-%d}"


def _write(view: View, place: Place, at: str | None) -> str:
    aside = _set_aside(view, place)
    if aside is not None and aside.state == PostState.draft:
        return f"{view.command('insert', aside.slug)}, or announce what there is"
    return _import(view, f"it with `number: {place.number}`{f', `date: {at}`' if at else ''}")


def _import(view: View, what: str) -> str:
    return f"write {what} and `fascicle import FOLDER --series {view.book.series}`, or announce what there is"


def _set_aside(view: View, place: Place) -> Chapter | None:
    return view.aside(lambda number: number == (place.number,))
