"""Moments as people write them."""

from datetime import datetime

from db.errors import BadValue
from db.said import say
from scheduler.cadence import parse_date, parse_time


def read_moment(text: str, hour: str) -> datetime:
    """A local date with a time, or a date alone, which takes `hour`, such as 07:00. Raises BadValue."""
    head, _, clock = text.strip().replace("T", " ").partition(" ")
    try:
        at = parse_time(clock) if clock else parse_time(hour)
    except BadValue:
        raise BadValue(
            say("%(value)r is not a moment; write it as 2026-03-05 or as '2026-03-05 18:00'", value=text)
        ) from None
    return datetime.combine(parse_date(head), at)
