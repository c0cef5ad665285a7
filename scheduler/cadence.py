"""Cadence: the rule that yields a series' slots, as naive wall times in the series' zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from dateutil import rrule

from db.errors import BadValue

_WEEKDAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR)


class Every(StrEnum):
    day = "day"
    weekday = "weekday"
    week = "week"


@dataclass(frozen=True)
class Cadence:
    """One slot each `every`, at a local time, from a date on; a week counts from the weekday of `start`."""

    every: Every
    at: time
    start: date

    def to_json(self) -> dict[str, Any]:
        return {"every": self.every.value, "at": f"{self.at:%H:%M}", "start": self.start.isoformat()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Cadence":
        """Raises BadValue for a mapping that is not a cadence."""
        unknown = sorted(set(values) - {"every", "at", "start"})
        if unknown:
            raise BadValue(f"cadence: {unknown[0]!r} is not a key we know; it has every, at and start")
        try:
            every = Every(str(values.get("every", "")))
        except ValueError:
            raise BadValue(f"cadence: every {values.get('every')!r}: use day, weekday or week") from None
        return cls(every, parse_time(str(values.get("at", "07:00"))), parse_date(str(values.get("start", ""))))

    def in_words(self) -> str:
        rhythm = {Every.day: "every day", Every.weekday: "every weekday", Every.week: f"every {self.start:%A}"}
        return f"{rhythm[self.every]} at {self.at:%H:%M} from {self.start.day} {self.start:%B %Y}"


def slots(cadence: Cadence, *, after: datetime | None = None) -> Iterator[datetime]:
    """The slots in order, lazily, strictly after a wall time when one is given; never ends."""
    begin = datetime.combine(cadence.start, cadence.at)
    days = _WEEKDAYS if cadence.every is Every.weekday else None
    # Naive on purpose: the zone is attached after the rule is expanded, or gaps would bend the rule.
    if cadence.every is Every.week:
        rule = rrule.rrule(rrule.WEEKLY, dtstart=begin)
    else:
        rule = rrule.rrule(rrule.DAILY, dtstart=begin, byweekday=days)
    return rule.xafter(after) if after is not None else iter(rule)


def parse_time(text: str) -> time:
    """Reads "7", "7:00" or "07:00" as a time of day. Raises BadValue."""
    hour, _, minute = text.partition(":")
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise BadValue(f"{text!r} is not a time of day; write it as 07:00") from None


def parse_date(text: str) -> date:
    """An ISO date. Raises BadValue."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue(f"{text!r} is not a date; write it as 2026-03-05") from None
