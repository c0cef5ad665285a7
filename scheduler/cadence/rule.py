"""Cadence: the rule that yields a series' slots, as a value."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from db.errors import BadValue
from db.said import say
from scheduler.cadence.closed import Blackout
from scheduler.cadence.mapping import fields_of, to_mapping
from scheduler.cadence.rhythm import MONDAY_TO_FRIDAY, Rhythm, Unit, days
from scheduler.cadence.saying import in_words

Moment = TypeVar("Moment", time, datetime)
SEVEN = time(7)


@dataclass(frozen=True)
class Cadence:
    """Slots at `times` on the days of a rhythm from `start` on; without a rhythm only those in `also`.

    All are naive wall times of whole minutes, in the zone of the series. Rule slots fall away on `without_days`, at
    `without_slots` and on holidays; what is in `also` stays on holidays. Blackouts close everything.
    Without a rhythm, `times` serve a date in `also` that names no time. Times, `also`, holidays, and blackouts are kept
    sorted and without repetition, so that cadences that say the same are equal. Raises BadValue.
    """

    rhythm: Rhythm | None = None
    times: tuple[time, ...] = (SEVEN,)
    start: date | None = None
    without_days: frozenset[date] = frozenset()
    without_slots: frozenset[datetime] = frozenset()
    also: tuple[datetime, ...] = ()
    holidays: tuple[str, ...] = ()
    blackouts: tuple[Blackout, ...] = ()

    def __post_init__(self) -> None:
        tidy = {
            "times": tuple(sorted({_minute(at) for at in self.times})),
            "without_days": frozenset(self.without_days),
            "without_slots": frozenset(_minute(at) for at in self.without_slots),
            "also": tuple(sorted({_minute(at) for at in self.also})),
            "holidays": tuple(sorted(set(self.holidays))),
            "blackouts": tuple(sorted(set(self.blackouts), key=lambda one: one.order)),
        }
        for name, value in tidy.items():
            object.__setattr__(self, name, value)
        if not self.times:
            raise BadValue(say("at: a time of day is needed, such as 07:00"))
        if self.rhythm is not None:
            _check_start(self.rhythm, self.start)

    def to_json(self) -> dict[str, Any]:
        """Texts, lists of texts and mappings of texts, as a series file has them (docs/reference/cadence.md)."""
        return to_mapping(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Cadence":
        """Raises BadValue, naming the key, for a mapping that is not a cadence."""
        try:
            return cls(**fields_of(values))
        except BadValue as error:
            raise BadValue(say("cadence: %(error)s", error=error)) from None

    def in_words(self) -> str:
        """What `parse_words` reads back as the same cadence."""
        return in_words(self)


def daily(at: time, start: date) -> Cadence:
    return Cadence(Rhythm(Unit.day), (at,), start)


def weekdays(at: time, start: date) -> Cadence:
    """Monday to Friday."""
    return Cadence(Rhythm(Unit.week, weekdays=MONDAY_TO_FRIDAY), (at,), start)


def weekly(at: time, start: date) -> Cadence:
    """On the weekday of `start`."""
    return Cadence(Rhythm(Unit.week), (at,), start)


def _minute(at: Moment) -> Moment:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise BadValue(say("%(at)s is not a wall time in whole minutes, without a zone", at=at))
    return at


def _check_start(rhythm: Rhythm, start: date | None) -> None:
    if start is None:
        raise BadValue(say("start: needed with a rhythm; give the first day, such as 2026-03-05"))
    if next(days(rhythm, start, since=start), None) is None:
        raise BadValue(
            say("start: counted from %(start)s, this rhythm never meets a day that is in the calendar", start=start)
        )
