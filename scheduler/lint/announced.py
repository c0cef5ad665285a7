"""A count or a window that was announced and has no post."""

from collections.abc import Iterator
from datetime import date, datetime

from db.said import say, say_in_a_row
from db.states import PostState
from scheduler.lint.mends import at, either, imported, inserted, pinned
from scheduler.lint.numbers import with_aside
from scheduler.lint.promise import Hole, Place
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def announced_missing(view: View) -> Iterator[Found]:
    """One finding for each chapter or day that lacks, and one for all that is still to come at the end."""
    for hole in view.promise.holes:
        yield _row(view, hole) if hole.first != hole.last else _one(view, hole.first)
    promise = view.promise
    if promise.short:
        message = say(
            "%(there)s of the %(count)s announced posts are there",
            there=promise.count - promise.short,
            count=promise.count,
        )
        mend = _or_less(imported(view, "write the rest", say("write the rest")))
        yield Found(say("%(count)s announced", count=promise.count), message, mend)
    if promise.nobody:
        yield _nobody(view)


def _nobody(view: View) -> Found:
    days = {"first": view.book.announced_from, "last": view.book.announced_until}
    message = say("no post from %(first)s to %(last)s, the days announced", **days)
    one = imported(view, "write a post with a `date` among them", say("write a post for one of these days"))
    return Found(say("%(first)s … %(last)s", **days), message, _or_less(one))


def _one(view: View, place: Place) -> Found:
    if place.slot is None or place.taken:
        return _without_chapter(view, place)
    if place.written:
        return _elsewhere(view, place.slot, place)
    day = _day(view, place.slot)
    if place.number is None:
        post = imported(view, f"write a post with `date: {at(day)}`", say("write a post for %(day)s", day=day))
        return Found(at(day), say("no post on %(day)s, a day announced", day=day), _or_less(post))
    chapter = {"number": place.number, "count": view.promise.count}
    message = say("no post on %(day)s: chapter %(number)s of the %(count)s announced", day=day, **chapter)
    return Found(at(day), with_aside(message, _set_aside(view, place)), _write(view, place, day))


def _without_chapter(view: View, place: Place) -> Found:
    chapter = {"number": place.number, "count": view.promise.count}
    message = say("no post is chapter %(number)s of the %(count)s announced", **chapter)
    return Found(str(place.number), with_aside(message, _set_aside(view, place)), _write(view, place, None))


def _elsewhere(view: View, slot: datetime, place: Place) -> Found:
    """The chapter is there, but its day has no post."""
    day = _day(view, slot)
    chapter = next(one.chapter for one in view.numbered if one.number == (place.number,))
    announced = {"number": place.number, "count": view.promise.count}
    lack = say("no post on %(day)s, announced for chapter %(number)s of %(count)s", day=day, **announced)
    stands = say("%(post)s has no day", post=chapter.slug)
    if chapter.wall is not None:
        stands = say("%(post)s stands on %(day)s", post=chapter.slug, day=chapter.wall.date())
    mend: str = say("tell your readers, or announce other days")
    if chapter.state == PostState.planned and slot > view.wall_now:
        mend = pinned(view, chapter.slug, slot, shown=at(day))
    return Found(at(day), say_in_a_row([lack, stands]), mend, chapter.slug)


def _row(view: View, hole: Hole) -> Found:
    mend = _or_less(imported(view, "write them", say("write them")))
    chapters = {"number": hole.first.number, "until": hole.last.number, "count": view.promise.count}
    if hole.first.slot is None or hole.last.slot is None:
        message = say("no posts: chapters %(number)s to %(until)s of the %(count)s announced", **chapters)
        return Found(f"{hole.first.number} … {hole.last.number}", message, mend)
    days = {"first": _day(view, hole.first.slot), "last": _day(view, hole.last.slot)}
    if hole.first.number is None:
        message = say("no posts from %(first)s to %(last)s, days announced", **days)
    else:
        message = say(
            "no posts from %(first)s to %(last)s: chapters %(number)s to %(until)s of the %(count)s announced",
            **days,
            **chapters,
        )
    return Found(say("%(first)s … %(last)s", **days), message, mend)


def _day(view: View, slot: datetime) -> date:
    """The moment itself, where a day has several."""
    return slot if len(view.book.cadence.times) > 1 else slot.date()


def _write(view: View, place: Place, day: date | None) -> str:
    aside = _set_aside(view, place)
    if aside is not None and aside.state == PostState.draft:
        return _or_less(inserted(view, aside.slug))
    with_number = f"write it with `number: {place.number}`"
    if day is None:
        return _or_less(imported(view, with_number, say("write chapter %(number)s", number=place.number)))
    said = say("write chapter %(number)s for %(day)s", number=place.number, day=day)
    return _or_less(imported(view, f"{with_number}, `date: {at(day)}`", said))


def _or_less(way: str) -> str:
    return either([way, say("announce what there is")])


def _set_aside(view: View, place: Place) -> Chapter | None:
    return view.aside(lambda number: number == (place.number,))
