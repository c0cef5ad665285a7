"""Rhythm: on which days a cadence has slots, by counting; holidays and exceptions come later."""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from db.errors import BadValue
from db.said import say

LAST = -1
"""Stands for the last day of a month, or the last such weekday in it."""

LONGEST_INTERVAL = 999
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
_END = date.max.toordinal()


class Unit(StrEnum):
    day = "day"
    week = "week"
    month = "month"


_UNITS = {Unit.day: say("days"), Unit.week: say("weeks"), Unit.month: say("months")}


@dataclass(frozen=True)
class Rhythm:
    """Every `interval` units, counted from the day, the week (from its Monday) or the month that holds the start.

    A week: on `weekdays` (0 is Monday), or on the weekday of the start.
    A month: on `month_day` (1 to 31, or -1 for the last), or on the `nth` (1 to 5, or -1 for the last) of the one
    weekday in `weekdays`, or on the day of the start. A month that lacks the day is passed over; to be in every month,
    ask for the last day.
    Weekdays are kept sorted. Raises BadValue for what is no rhythm.
    """

    unit: Unit
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    nth: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", tuple(sorted(set(self.weekdays))))
        if not 1 <= self.interval <= LONGEST_INTERVAL:
            raise BadValue(
                say(
                    "a rhythm counts from 1 to %(most)s %(units)s, not %(interval)s",
                    most=LONGEST_INTERVAL,
                    units=_UNITS[self.unit],
                    interval=self.interval,
                )
            )
        if not set(self.weekdays) <= set(range(7)):
            raise BadValue(say("weekdays are numbered from 0, Monday, to 6, Sunday"))
        if self.unit is Unit.month:
            self._check_month()
        elif self.month_day is not None or self.nth is not None:
            raise BadValue(say("only a rhythm of months has a day of the month"))
        elif self.unit is Unit.day and self.weekdays:
            raise BadValue(say("a rhythm of days has no weekdays; use one of weeks"))

    def _check_month(self) -> None:
        if self.month_day not in (None, LAST, *range(1, 32)):
            raise BadValue(
                say(
                    "%(month_day)s is not a day of the month; it goes from 1 to 31, or is the last",
                    month_day=self.month_day,
                )
            )
        if self.nth not in (None, LAST, *range(1, 6)):
            raise BadValue(
                say("%(nth)s is not a place of a weekday in a month; it goes from 1 to 5, or is the last", nth=self.nth)
            )
        if self.month_day is not None and self.nth is not None:
            raise BadValue(say("a rhythm of months has either a day of the month or the nth of a weekday"))
        if len(self.weekdays) != (0 if self.nth is None else 1):
            raise BadValue(say("a rhythm of months has one weekday when it has its nth, and none otherwise"))


def days(rhythm: Rhythm, start: date, *, since: date) -> Iterator[date]:
    """The days of a rhythm in order, lazily: none before `start`, none before `since`, up to the end of 9999.

    What lies between `start` and `since` is jumped over in whole periods, so that old cadences cost no more than new.
    """
    floor = max(start, since).toordinal()
    for ordinal in _COUNTED[rhythm.unit](rhythm, start, floor):
        if ordinal > _END:
            return
        if ordinal >= floor:
            yield date.fromordinal(ordinal)


# Each of the three yields ordinals from the period that holds `floor` on; a few may lie before it.


def _by_day(rhythm: Rhythm, start: date, floor: int) -> Iterator[int]:
    begin = start.toordinal()
    passed = (floor - begin) // rhythm.interval
    yield from range(begin + passed * rhythm.interval, _END + 1, rhythm.interval)


def _by_week(rhythm: Rhythm, start: date, floor: int) -> Iterator[int]:
    weekdays = rhythm.weekdays or (start.weekday(),)
    step = 7 * rhythm.interval
    begin = start.toordinal() - start.weekday()
    passed = (floor - begin) // step
    for monday in range(begin + passed * step, _END + 1, step):
        for weekday in weekdays:
            yield monday + weekday


def _by_month(rhythm: Rhythm, start: date, floor: int) -> Iterator[int]:
    begin = _month_number(start)
    passed = (_month_number(date.fromordinal(floor)) - begin) // rhythm.interval
    for number in range(begin + passed * rhythm.interval, _month_number(date.max) + 1, rhythm.interval):
        year, month = number // 12, number % 12 + 1
        day = _day_in_month(rhythm, start, year, month)
        if day is not None:
            yield date(year, month, day).toordinal()


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_in_month(rhythm: Rhythm, start: date, year: int, month: int) -> int | None:
    """The day of this month that the rhythm means, or None when the month lacks it."""
    first_weekday, length = calendar.monthrange(year, month)
    if rhythm.nth is not None:
        first = 1 + (rhythm.weekdays[0] - first_weekday) % 7
        day = first + 7 * (rhythm.nth - 1) if rhythm.nth != LAST else first + (length - first) // 7 * 7
    else:
        day = rhythm.month_day or start.day
        day = length if day == LAST else day
    return day if day <= length else None


_COUNTED: dict[Unit, Callable[[Rhythm, date, int], Iterator[int]]] = {
    Unit.day: _by_day,
    Unit.week: _by_week,
    Unit.month: _by_month,
}
