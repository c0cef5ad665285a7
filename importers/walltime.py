"""Dates and wall times as operators write them."""

import datetime
import re

from db.said import say

_FORM = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
_OFFSET = re.compile(r"(?<=[0-9]) ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$", re.IGNORECASE)
_YEARS = range(1000, 3000)  # a margin on both sides, so that no zone moves an instant out of the calendar


class NotAWallTime(ValueError):
    """The text is no date or wall time; the message says why, in words for the operator."""


def read_wall(text: str) -> datetime.date | datetime.datetime:
    """A naive date or wall time from `2026-03-05`, `2026-03-05 07:00[:00]`, or with T between; else NotAWallTime."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise NotAWallTime(_why(text))
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    if year not in _YEARS:
        raise NotAWallTime(say("the year must lie between %(first)s and %(last)s.", first=_YEARS[0], last=_YEARS[-1]))
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        raise NotAWallTime(say("there is no such day in the calendar.")) from None
    return date if found[4] is None else _with_time(date, *(int(part or 0) for part in found.group(4, 5, 6)))


def _with_time(date: datetime.date, hour: int, minute: int, second: int) -> datetime.datetime:
    try:
        return datetime.datetime.combine(date, datetime.time(hour, minute, second))
    except ValueError:
        raise NotAWallTime(say("there is no such time of day; it runs from 00:00 to 23:59.")) from None


def _why(text: str) -> str:
    # A date alone ends like a negative offset ("-05"), so only what has a time before its end is told about offsets.
    stem = _OFFSET.sub("", text)
    if stem != text and ":" in stem and _FORM.fullmatch(stem):
        return say("times are in the zone of their series; leave out the offset.")
    return say("write YYYY-MM-DD or YYYY-MM-DD HH:MM.")
