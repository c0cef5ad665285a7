"""What `whenever`, another implementation of the same rules, says of wall times."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import whenever

from timing.wall import Oddity

AWAY = [timedelta(seconds=seconds) for seconds in (-1800, -1, 0, 1, 1800)]


@contextmanager
def reading_the_pinned_zones(*before: Path) -> Iterator[None]:
    """The oracle reads the installed tzdata, as our code does, after the folders named."""
    whenever.reset_tzpath(before)
    whenever.clear_tzcache()
    try:
        yield
    finally:
        whenever.reset_tzpath()
        whenever.clear_tzcache()


def instant_of(wall: datetime, zone: str) -> datetime:
    """`compatible` is RFC 5545, 3.3.5: in a gap the offset before it, of two the first."""
    return _plain(wall).assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


def wall_of(instant: datetime, zone: str) -> datetime:
    return whenever.Instant(instant).to_tz(zone).to_plain().to_stdlib()


def oddity_of(wall: datetime, zone: str) -> Oddity | None:
    plain = _plain(wall)
    earlier = plain.assume_tz(zone, disambiguation="earlier")
    if earlier == plain.assume_tz(zone, disambiguation="later"):
        return None
    return Oddity.fold if earlier.to_plain() == plain else Oddity.gap


def changes(zone: str, *, since: int, until: int) -> Iterator[datetime]:
    """The instants, between two years, from which on new rules hold in a zone."""
    change = whenever.Instant.from_utc(since, 1, 1).to_tz(zone).next_transition()
    while change is not None and change.year < until:
        yield change.to_instant().to_stdlib()
        change = change.next_transition()


def walls_around(change: datetime, zone: str) -> list[datetime]:
    """Wall times half an hour and a second about both readings of a change: by the rules before it and after it."""
    second = timedelta(seconds=1)
    readings = (wall_of(change - second, zone) + second, wall_of(change, zone))
    return [reading + away for reading in readings for away in AWAY]


def instants_around(change: datetime) -> list[datetime]:
    return [change.astimezone(UTC) + away for away in AWAY]


def _plain(wall: datetime) -> whenever.PlainDateTime:
    return whenever.PlainDateTime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
