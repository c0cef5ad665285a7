"""Wall clock ↔ instant. Local time with its zone is the truth of a plan; the instant is derived from it.

All nodes read the zones of the installed tzdata package, never the machine's, so that they agree.
"""

import zoneinfo
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from importlib.metadata import version
from itertools import accumulate
from zoneinfo import ZoneInfo

zoneinfo.reset_tzpath(to=[])

TZDATA = version("tzdata")
"""The version of the rules, stored beside each instant derived with them."""


def is_zone(name: str) -> bool:
    """Whether this is an IANA zone name that the installed tzdata knows."""
    try:
        ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def to_instant(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a naive wall time.

    A time inside a gap is read with the offset before it, an ambiguous one is the first (RFC 5545, 3.3.5).
    """
    return _read(wall, zone).astimezone(UTC)


def instants(walls: Iterable[datetime], zone: str) -> list[datetime]:
    """The UTC instants of a series' naive wall times, in the order of its plan: they never decrease."""
    return never_earlier(to_instant(wall, zone) for wall in walls)


def never_earlier(moments: Iterable[datetime]) -> list[datetime]:
    """Each instant, or the latest of those before it where it would come earlier.

    Instants need this though their wall times are in order: a time in a gap is read with the offset before it, so that
    02:30 on the night clocks go forward in New York is 07:30 UTC, and 03:00 is 07:00 UTC.
    """
    return list(accumulate(moments, max))


def to_wall(instant: datetime, zone: str) -> datetime:
    """The naive wall time that clocks in the zone show at an instant."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


class Oddity(StrEnum):
    """What a change of clocks does to a wall time: a gap skips it, a fold shows it twice (PEP 495)."""

    gap = "gap"
    fold = "fold"


def gap_or_fold(wall: datetime, zone: str) -> Oddity | None:
    """Whether a naive wall time does not occur in the zone, or occurs twice; None when it occurs once."""
    first = _read(wall, zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    if before == after:
        return None
    return Oddity.gap if before < after else Oddity.fold


def date_exists(day: date, zone: str) -> bool:
    """Whether the local calendar has this date (Samoa, for one, had no 30 December 2011)."""
    noon = datetime.combine(day, time(12))
    return to_wall(to_instant(noon, zone), zone).date() == day


def moment_of(day: date, *, hour: int, zone: str) -> datetime | None:
    """The instant of a whole hour on a local date, or None when the zone skips that date."""
    if not date_exists(day, zone):
        return None
    return to_instant(datetime.combine(day, time(hour)), zone)


def next_moment(after: datetime, *, hour: int, zone: str) -> tuple[date, datetime]:
    """The first (local date, instant) of a whole hour strictly after an instant."""
    day = to_wall(after, zone).date() - timedelta(days=1)
    while True:
        moment = moment_of(day, hour=hour, zone=zone)
        if moment is not None and moment > after:
            return day, moment
        day += timedelta(days=1)


def _read(wall: datetime, zone: str) -> datetime:
    if wall.tzinfo is not None:
        raise ValueError(f"a wall time has no zone: {wall!r}")
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0)
