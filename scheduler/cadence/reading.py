"""Words to a cadence: what `in_words` says, and much of how people write it."""

import re
from datetime import date, datetime, time

from db.errors import BadValue
from db.said import say
from scheduler.cadence.clauses import CLAUSES, EXAMPLES, Heard, Moments
from scheduler.cadence.reading_rhythm import unreadable_rhythm
from scheduler.cadence.rhythm import Rhythm, Unit
from scheduler.cadence.rule import SEVEN, Cadence
from scheduler.cadence.scanner import Scanner

_BETWEEN = re.compile(r"(?: ?[,;.])?(?: (?:and|but)\b)?", re.IGNORECASE)
_OTHER_CLAUSE = re.compile(r"(?:at|from|not|except|also|closed)\b|@", re.IGNORECASE)


def parse_words(text: str, *, start: date | None = None) -> Cadence:
    """A cadence from words such as "Mondays and Thursdays at 07:00 and 18:00 from 3 March 2026, not on 5 March 2026".

    Without a time it is 07:00; `start` is the first day of a rhythm that names none. Raises BadValue that quotes the
    part that cannot be read.
    """
    scanner, heard = Scanner(text), Heard()
    while not scanner.done:
        if not any(clause(scanner, heard) for clause in CLAUSES):
            raise _unreadable(scanner.unread(), heard)
        scanner.take(_BETWEEN)
    if heard.rhythm is None and not heard.own:
        raise unreadable_rhythm(text)
    heard.start = heard.start or (start if heard.rhythm else None)
    return _cadence(heard)


def _unreadable(part: str, heard: Heard) -> BadValue:
    if not (heard.own or heard.rhythm or _OTHER_CLAUSE.match(part)):
        return unreadable_rhythm(part)
    return BadValue(say("%(part)r cannot be read. Write such as %(examples)s", part=part, examples="; ".join(EXAMPLES)))


def _cadence(heard: Heard) -> Cadence:
    times = heard.times or (SEVEN,)
    if heard.rhythm is not None and heard.start is None:
        raise BadValue(say("from which day on? Write such as from 3 March 2026"))
    return Cadence(
        rhythm=_from_its_start(heard),
        times=times,
        start=heard.start,
        without_days=frozenset(day for day, hours in heard.left_out if not hours),
        without_slots=frozenset(_slots(heard.left_out, ())),
        also=tuple(_slots(heard.also, times)),
        holidays=tuple(heard.holidays),
        blackouts=tuple(heard.blackouts),
    )


def _from_its_start(heard: Heard) -> Rhythm | None:
    """ "every Tuesday" from a Tuesday on is how the weekday of the start is said; "every week on Tuesday" is not."""
    rhythm, start = heard.rhythm, heard.start
    if start is not None and rhythm == Rhythm(Unit.week, weekdays=(start.weekday(),)) and "week" not in heard.every:
        return Rhythm(Unit.week)
    return rhythm


def _slots(moments: Moments, times: tuple[time, ...]) -> list[datetime]:
    return [datetime.combine(day, hour) for day, hours in moments for hour in hours or times]
