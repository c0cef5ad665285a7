"""Instants as feeds write them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def rfc3339(instant: datetime) -> str:
    """An aware instant in UTC with "Z" and whole seconds (RFC 3339, section 5.6), rounded down; else ValueError."""
    return _whole(instant).replace(tzinfo=None).isoformat() + "Z"


def rfc822(instant: datetime) -> str:
    """An aware instant as RSS 2.0 wants it: "Thu, 05 Mar 2026 07:00:00 GMT", whatever the locale; else ValueError."""
    return format_datetime(_whole(instant), usegmt=True)


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, rounded down as feeds show them; ValueError for a naive instant."""
    return (_aware(instant) - _EPOCH) // _SECOND


def _whole(instant: datetime) -> datetime:
    return _aware(instant).astimezone(UTC).replace(microsecond=0)


def _aware(instant: datetime) -> datetime:
    # Python would take it for the local time of the machine, and each machine would write another document.
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no timezone; give an aware instant")
    return instant
