"""How a zone's clocks change: what a document must say of a zone for those who do not know it by name."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from timing.wall import to_wall


class Change(NamedTuple):
    """At the UTC instant `at` clocks go from the offset `before` to `after`, which is called `name`, as "CEST"."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool

    @property
    def wall(self) -> datetime:
        """What clocks showed that had not been changed: how RFC 5545 writes an onset (3.6.5)."""
        return (self.at + self.before).replace(tzinfo=None)


@lru_cache(maxsize=1024)
def observances(zone: str, year: int) -> tuple[Change, ...]:
    """What holds in a zone as a UTC year begins, as a change from itself, then each change within the year.

    The year lies between 2 and 9998, so that no wall time leaves the calendar.
    """
    days = _days(year)
    changes = [_between(zone, early, late) for early, late in pairwise(days) if _differ(zone, early, late)]
    return _change(zone, days[0], days[0]), *changes


def _days(year: int) -> list[datetime]:
    """Each midnight from the year's beginning to the next's: no zone changes twice in a day."""
    first, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    return [first + timedelta(days=day) for day in range((end - first).days)] + [end - timedelta(seconds=1)]


def _differ(zone: str, early: datetime, late: datetime) -> bool:
    return _offset(zone, early) != _offset(zone, late)


def _between(zone: str, early: datetime, late: datetime) -> Change:
    """The one change in (early, late], found to the second."""
    before = early
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (early, middle) if _differ(zone, before, middle) else (middle, late)
    return _change(zone, before, late)


def _change(zone: str, before: datetime, at: datetime) -> Change:
    local = at.astimezone(ZoneInfo(zone))
    return Change(at, _offset(zone, before), _offset(zone, at), local.tzname() or zone, bool(local.dst()))


def _offset(zone: str, instant: datetime) -> timedelta:
    return to_wall(instant, zone) - instant.replace(tzinfo=None)
