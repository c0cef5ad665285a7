"""Dates and times of day as cadences write them: ISO in files, in full in words."""

from datetime import date, datetime, time

from db.errors import BadValue
from db.said import say

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""English whatever the machine's locale, and in the order of `date.weekday()`."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def parse_time(text: str) -> time:
    """Reads "7", "7:00" or "07:00" as a time of day. Raises BadValue."""
    hour, _, minute = text.partition(":")
    try:
        return time(int(hour), int(minute or 0))
    except (ValueError, OverflowError):
        raise BadValue(say("%(value)r is not a time of day; write it as 07:00", value=text)) from None


def parse_date(text: str) -> date:
    """An ISO date. Raises BadValue."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue(say("%(value)r is not a date; write it as 2026-03-05", value=text)) from None


def parse_day_or_slot(text: str) -> date | datetime:
    """A date, or a naive wall time such as "2026-03-05 07:00". Raises BadValue."""
    day, gap, hour = text[:10], text[10:11], text[11:]
    if gap not in ("", " ", "T"):
        raise BadValue(
            say("%(value)r is neither a date nor a wall time; write it as 2026-03-05 or 2026-03-05 07:00", value=text)
        )
    return datetime.combine(parse_date(day), parse_time(hour)) if gap else parse_date(day)


def say_date(day: date) -> str:
    """Such as 3 March 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04}"


def say_time(at: time) -> str:
    return f"{at:%H:%M}"


def say_list(parts: list[str]) -> str:
    """A, B and C."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
