"""A cadence as pages tell it, in any language. In English it is what `saying` says, which can be read back."""

from collections.abc import Iterator
from datetime import datetime, time

from db.said import Said, say, say_and, say_count, worded
from scheduler.cadence.closed import Blackout, reason_said
from scheduler.cadence.rhythm import LAST, MONDAY_TO_FRIDAY, Rhythm, Unit
from scheduler.cadence.rule import Cadence
from scheduler.cadence.saying import in_words

_DAYS = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"), say("Sunday"),
)  # fmt: skip
_PLACES = {1: say("1st"), 2: say("2nd"), 3: say("3rd"), 4: say("4th"), 5: say("5th"), LAST: say("last")}


def cadence_said(cadence: Cadence) -> Said:
    return worded(in_words(cadence), say_and([_rule(cadence), *_exceptions(cadence), *map(_closed, cadence.blackouts)]))


def _rule(cadence: Cadence) -> str:
    times = [f"{one:%H:%M}" for one in cadence.times]
    if cadence.rhythm is None or cadence.start is None:
        rule = say("dates of its own")
        told = say("%(rule)s at %(times)s", rule=rule, times=times) if cadence.times != (time(7),) else rule
    else:
        told = say("%(rule)s at %(times)s", rule=_every(cadence.rhythm, cadence.start.weekday()), times=times)
    return say("%(rule)s from %(first)s", rule=told, first=cadence.start) if cadence.start else told


def _every(rhythm: Rhythm, first: int) -> str:
    if rhythm.unit is Unit.day:
        return say_count("every day", "every %(count)s days", rhythm.interval)
    if rhythm.unit is Unit.week:
        return _weekly(rhythm, first)
    return _monthly(rhythm)


def _weekly(rhythm: Rhythm, first: int) -> str:
    if rhythm.interval == 1 and rhythm.weekdays == MONDAY_TO_FRIDAY:
        return say("every weekday")
    days = [_DAYS[day] for day in rhythm.weekdays or (first,)]
    return say_count("every %(days)s", "every %(count)s weeks on %(days)s", rhythm.interval, days=days)


def _monthly(rhythm: Rhythm) -> str:
    every = say_count("every month", "every %(count)s months", rhythm.interval)
    if rhythm.nth is not None:
        return say(
            "%(every)s on the %(place)s %(day)s", every=every, place=_PLACES[rhythm.nth], day=_DAYS[rhythm.weekdays[0]]
        )
    if rhythm.month_day == LAST:
        return say("%(every)s on the last day", every=every)
    if rhythm.month_day is not None:
        return say("%(every)s on day %(day)s", every=every, day=rhythm.month_day)
    return every


def _exceptions(cadence: Cadence) -> Iterator[str]:
    if cadence.holidays:
        yield say("not on holidays of %(codes)s", codes=list(cadence.holidays))
    # A day that is left out comes before a slot of that day that is, too.
    days = [(datetime.combine(day, time.min), 0, say("not on %(day)s", day=day)) for day in cadence.without_days]
    moments = [(at, 1, say("not on %(day)s", day=at)) for at in cadence.without_slots]
    yield from (said for *_, said in sorted(days + moments))
    yield from (say("also on %(moment)s", moment=at) for at in cadence.also)


def _closed(blackout: Blackout) -> str:
    if blackout.first == blackout.last:
        told = say("closed on %(day)s", day=blackout.first)
    elif blackout.last is None:
        told = say("closed from %(first)s", first=blackout.first)
    else:
        told = say("closed from %(first)s to %(last)s", first=blackout.first, last=blackout.last)
    return say("%(closed)s (%(reason)s)", closed=told, reason=reason_said(blackout.reason)) if blackout.reason else told
