"""Cadence: the rule that yields a series' slots, as naive wall times in the series' zone."""

from scheduler.cadence.closed import Blackout
from scheduler.cadence.dates import parse_date, parse_time
from scheduler.cadence.reading import parse_words
from scheduler.cadence.rhythm import Rhythm, Unit
from scheduler.cadence.rule import Cadence, daily, weekdays, weekly
from scheduler.cadence.saying import in_words
from scheduler.cadence.slots import Offered, offered, slots, why_closed
from scheduler.cadence.telling import cadence_said

__all__ = [
    "Blackout", "Cadence", "Offered", "Rhythm", "Unit", "cadence_said", "daily", "in_words", "offered", "parse_date",
    "parse_time", "parse_words", "slots", "weekdays", "weekly", "why_closed",
]  # fmt: skip
