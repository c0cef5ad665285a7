"""Moments that a post should not have: closed days, the past, an hour that clocks skip or show twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from db.said import say, say_in_a_row, worded
from db.states import PostState
from scheduler.cadence import why_closed
from scheduler.lint.mends import as_it_is, at, let_go, pinned, pinned_elsewhere, reflowed
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View
from timing.wall import Oddity, gap_or_fold, to_instant, to_wall


def blackout(view: View) -> Iterator[Found]:
    """A release on a day on which the series is closed."""
    for wall, chapter in view.dated:
        why = why_closed(view.book.cadence, wall)
        if why is None:
            continue
        values = {"post": chapter.slug, "day": wall.date(), "why": why}
        if chapter.state == PostState.released:
            message = say("%(post)s came out on %(day)s, a closed day (%(why)s)", **values)
            mend = as_it_is(view, "blackout", say("it is out"))
        else:
            message = say("%(post)s comes out on %(day)s, a closed day (%(why)s)", **values)
            mend = pinned_elsewhere(view, chapter, wall)
        yield Found(at(wall.date()), message, mend, chapter.slug)


def past_planned(view: View) -> Iterator[Found]:
    """A post that should be out by now."""
    book = view.book
    for wall, chapter in view.dated:
        if chapter.state != PostState.planned or chapter.due_at is None or chapter.due_at >= view.now:
            continue
        values = {"post": chapter.slug, "wall": wall, "zone": book.zone}
        message = say("%(post)s was due on %(wall)s (%(zone)s) and is not out", **values)
        if book.held is not None:
            held = say_in_a_row([message, say("the series is held: %(reason)s", reason=book.held)])
            yield Found(at(wall.date()), held, _going_on(view), chapter.slug)
        else:
            yield Found(at(wall.date()), message, _late(view, chapter, wall), chapter.slug)


def _going_on(view: View) -> str:
    said = say("let the series go on, and it comes out late; or move it and the rest to coming slots")
    return worded(f"{let_go(view)} lets it out, late; {reflowed(view)} gives new moments", said)


def _late(view: View, chapter: Chapter, wall: datetime) -> str:
    pin = pinned_elsewhere(view, chapter, wall)
    said = say("wait: it comes out late, as soon as the program looks again; or %(way)s", way=pin)
    return worded(f"`fascicle release` brings it out late; {pin} gives it a new moment", said)


def dst_gap(view: View) -> Iterator[Found]:
    """A wall time that clocks skip; what comes out then comes out later by the clock."""
    zone = view.book.zone
    for wall, chapter in _odd(view, Oddity.gap):
        shown = to_wall(to_instant(wall, zone), zone)
        values = {"time": f"{wall:%H:%M}", "day": wall.date(), "zone": zone, "post": chapter.slug, "shown": shown}
        message = say("clocks skip %(time)s on %(day)s in %(zone)s; %(post)s comes out at %(shown)s", **values)
        yield Found(at(wall), message, pinned(view, chapter.slug, shown), chapter.slug)


def dst_fold(view: View) -> Iterator[Found]:
    """A wall time that clocks show twice; the first is meant (RFC 5545, 3.3.5)."""
    zone = view.book.zone
    for wall, chapter in _odd(view, Oddity.fold):
        values = {"time": f"{wall:%H:%M}", "day": wall.date(), "zone": zone, "post": chapter.slug}
        message = say("clocks show %(time)s twice on %(day)s in %(zone)s; %(post)s comes out at the first", **values)
        pin = pinned(view, chapter.slug, _clear_of_fold(wall, zone))
        mend = worded(f"{pin} leaves no doubt", say("%(way)s: that leaves no doubt", way=pin))
        yield Found(at(wall), message, mend, chapter.slug)


def _odd(view: View, oddity: Oddity) -> Iterator[tuple[datetime, Chapter]]:
    for wall, chapter in view.dated:
        if chapter.state == PostState.planned and gap_or_fold(wall, view.book.zone) is oddity:
            yield wall, chapter


def _clear_of_fold(wall: datetime, zone: str) -> datetime:
    """A time nearby that occurs once; a fold is seldom longer than an hour, and never than a day."""
    nearby = (wall + timedelta(hours=hours) for hours in range(1, 26))
    return next(one for one in nearby if gap_or_fold(one, zone) is None)
