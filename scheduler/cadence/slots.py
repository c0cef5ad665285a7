"""The slots of a cadence, one after the other, with the reasons of those it leaves out."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time
from heapq import merge
from typing import NamedTuple

from db.said import say
from scheduler.cadence.calendars import holiday_on
from scheduler.cadence.closed import blackout_on, open_stretches
from scheduler.cadence.rhythm import days
from scheduler.cadence.rule import Cadence

PATIENCE = 20
"""After this many days of its rhythm in a row were holidays, a cadence has ended. Otherwise "yearly on 1 January, not
on holidays" would give slots from 2101 on, since the calendars of holidays end with 2100."""

_ALSO, _RULE = 0, 1


class Offered(NamedTuple):
    """One slot; `why` says what keeps it from being used, or is None."""

    at: datetime
    why: str | None


def slots(cadence: Cadence, *, after: datetime | None = None) -> Iterator[datetime]:
    """The slots in order, lazily, strictly after a wall time when one is given.

    Ends when none can come any more: without a rhythm after the last of `also`, at a blackout without end, after 20
    holidays in a row, with the year 9999. Starting late costs nothing: what lies before `after` is jumped over.
    """
    for first, last in open_stretches(cadence.blackouts, since=after.date() if after else date.min):
        for at, why in _marked(cadence, since=first, after=after):
            if at.date() > last:
                break
            if why is None:
                yield at


def offered(cadence: Cadence, *, after: datetime | None = None) -> Iterator[Offered]:
    """As `slots`, but with those that are left out, and why.

    Ends with the first slot inside a blackout without end. A blackout that does end is walked through slot by slot, so
    a caller bounds what it takes, by a number or by a date.
    """
    for at, why in _marked(cadence, since=after.date() if after else date.min, after=after):
        blackout = blackout_on(cadence.blackouts, at.date())
        yield Offered(at, blackout.said if blackout else why)
        if any(one.last is None and one.covers(at.date()) for one in cadence.blackouts):
            return


def why_closed(cadence: Cadence, wall: datetime) -> str | None:
    """Why nothing should come out at a wall time: a blackout, left out, a holiday; or None."""
    day = wall.date()
    blackout = blackout_on(cadence.blackouts, day)
    if blackout is not None:
        return blackout.said
    return _left_out(cadence, wall) or (None if wall in cadence.also else holiday_on(cadence.holidays, day))


def _marked(cadence: Cadence, *, since: date, after: datetime | None) -> Iterator[tuple[datetime, str | None]]:
    """Each slot once, with why it is left out, blackouts aside. Where the rule and `also` meet, `also` has its say."""
    previous = None
    for at, _, why in merge(_also(cadence, since, after), _rule(cadence, since, after)):
        if at != previous:
            yield at, why
        previous = at


def _also(cadence: Cadence, since: date, after: datetime | None) -> Iterator[tuple[datetime, int, str | None]]:
    begin = bisect_left(cadence.also, datetime.combine(since, time.min))
    for at in cadence.also[begin:]:
        if after is None or at > after:
            yield at, _ALSO, _left_out(cadence, at)


def _rule(cadence: Cadence, since: date, after: datetime | None) -> Iterator[tuple[datetime, int, str | None]]:
    if cadence.rhythm is None or cadence.start is None:
        return
    in_a_row = 0
    for day in days(cadence.rhythm, cadence.start, since=since):
        holiday = holiday_on(cadence.holidays, day)
        in_a_row = in_a_row + 1 if holiday else 0
        if in_a_row > PATIENCE:
            return
        for hour in cadence.times:
            at = datetime.combine(day, hour)
            if after is None or at > after:
                yield at, _RULE, _left_out(cadence, at) or holiday


def _left_out(cadence: Cadence, at: datetime) -> str | None:
    return say("left out") if at in cadence.without_slots or at.date() in cadence.without_days else None
