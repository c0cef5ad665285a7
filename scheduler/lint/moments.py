"""Moments that a post should not have: closed days, the past, an hour that clocks skip or show twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from db.states import PostState
from scheduler.cadence import why_closed
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View
from timing.wall import Oddity, gap_or_fold, to_instant, to_wall


def blackout(view: View) -> Iterator[Found]:
    """A release on a day on which the series is closed."""
    for wall, chapter in view.dated:
        why = why_closed(view.book.cadence, wall)
        if why is None:
            continue
        is_out = chapter.state == PostState.released
        message = f"{chapter.slug} {'came' if is_out else 'comes'} out on {wall:%Y-%m-%d}, a closed day ({why})"
        as_it_is = f"none, it is out; {view.switch_off('blackout')} if that was meant"
        mend = as_it_is if is_out else view.pin_elsewhere(chapter, wall)
        yield Found(f"{wall:%Y-%m-%d}", message, mend, chapter.slug)


def past_planned(view: View) -> Iterator[Found]:
    """A post that should be out by now."""
    book = view.book
    for wall, chapter in view.dated:
        if chapter.state != PostState.planned or chapter.due_at is None or chapter.due_at >= view.now:
            continue
        message = f"{chapter.slug} was due on {wall:%Y-%m-%d %H:%M} ({book.zone}) and is not out"
        if book.held is not None:
            hold = f"; the series is held: {book.held}"
            mend = (
                f"`fascicle series unhold {book.series}` lets it out, late; {view.command('reflow')} gives new moments"
            )
            yield Found(f"{wall:%Y-%m-%d}", message + hold, mend, chapter.slug)
        else:
            mend = f"`fascicle release` brings it out late; {view.pin_elsewhere(chapter, wall)} gives it a new moment"
            yield Found(f"{wall:%Y-%m-%d}", message, mend, chapter.slug)


def dst_gap(view: View) -> Iterator[Found]:
    """A wall time that clocks skip; what comes out then comes out later by the clock."""
    zone = view.book.zone
    for wall, chapter in _odd(view, Oddity.gap):
        shown = to_wall(to_instant(wall, zone), zone)
        message = (
            f"clocks skip {wall:%H:%M} on {wall:%Y-%m-%d} in {zone}; {chapter.slug} comes out at {shown:%Y-%m-%d %H:%M}"
        )
        mend = view.command("pin", chapter.slug, f"{shown:%Y-%m-%d %H:%M}")
        yield Found(f"{wall:%Y-%m-%d %H:%M}", message, mend, chapter.slug)


def dst_fold(view: View) -> Iterator[Found]:
    """A wall time that clocks show twice; the first is meant (RFC 5545, 3.3.5)."""
    zone = view.book.zone
    for wall, chapter in _odd(view, Oddity.fold):
        message = f"clocks show {wall:%H:%M} twice on {wall:%Y-%m-%d} in {zone}; {chapter.slug} comes out at the first"
        mend = f"{view.command('pin', chapter.slug, f'{_clear_of_fold(wall, zone):%Y-%m-%d %H:%M}')} leaves no doubt"
        yield Found(f"{wall:%Y-%m-%d %H:%M}", message, mend, chapter.slug)


def _odd(view: View, oddity: Oddity) -> Iterator[tuple[datetime, Chapter]]:
    for wall, chapter in view.dated:
        if chapter.state == PostState.planned and gap_or_fold(wall, view.book.zone) is oddity:
            yield wall, chapter


def _clear_of_fold(wall: datetime, zone: str) -> datetime:
    """A time nearby that occurs once; a fold is seldom longer than an hour, and never than a day."""
    nearby = (wall + timedelta(hours=hours) for hours in range(1, 26))
    return next(one for one in nearby if gap_or_fold(one, zone) is None)
