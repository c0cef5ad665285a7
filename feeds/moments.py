"""Instants as feeds write them."""

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc3339(instant: datetime) -> str:
    """An aware instant in UTC with "Z" and whole seconds (RFC 3339, section 5.6), rounded down."""
    return _whole(instant).replace(tzinfo=None).isoformat() + "Z"


def rfc822(instant: datetime) -> str:
    """An aware instant as RSS 2.0 wants it: "Thu, 05 Mar 2026 07:00:00 GMT", whatever the process's locale."""
    return format_datetime(_whole(instant), usegmt=True)


def _whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
