"""A month as a calendar shows it: weeks of days, Monday first, each with what comes on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from db.agenda import Appointment
from scheduler.cadence import Cadence, offered

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """`closed` is why nothing comes on it, where the one series that is shown would have had a slot."""

    date: date
    within: bool
    today: bool
    appointments: tuple[Appointment, ...]
    closed: str | None


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)


def month_named(name: str) -> date | None:
    """The first day of a month such as 2026-03; None for what is none, or too far away to be reckoned with."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        return None
    return first if len(name) == len("2026-03") and 1900 <= first.year <= 2200 else None


def span(first: date) -> tuple[datetime, datetime]:
    """The wall times between which a calendar of a month shows: whole weeks."""
    begin = first - timedelta(days=first.weekday())
    next_month = (first + timedelta(days=32)).replace(day=1)
    weeks = -((begin - next_month) // _WEEK)
    return datetime.combine(begin, time()), datetime.combine(begin + weeks * _WEEK, time())


def month_of(
    first: date, appointments: Iterable[Appointment], *, today: date, closed: Mapping[date, str] | None = None
) -> Month:
    begin, end = span(first)
    on: dict[date, list[Appointment]] = {}
    for one in appointments:
        on.setdefault(one.wall.date(), []).append(one)
    reasons = closed or {}
    days = [
        Day(day, day.month == first.month, day == today, tuple(on.get(day, ())), reasons.get(day))
        for day in (begin.date() + timedelta(days=count) for count in range((end - begin).days))
    ]
    return Month(first, tuple(tuple(days[start : start + 7]) for start in range(0, len(days), 7)))


def closed_days(cadence: Cadence, first: date) -> dict[date, str]:
    """The days of a month's calendar on which a cadence leaves a slot out, with the reason."""
    begin, end = span(first)
    coming = takewhile(lambda slot: slot.at < end, offered(cadence, after=begin - timedelta(minutes=1)))
    return {slot.at.date(): slot.why for slot in coming if slot.why is not None}
