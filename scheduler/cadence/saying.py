"""A cadence in words. Whatever is said here, scheduler/cadence/reading.py reads back as the same cadence."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING

from scheduler.cadence.closed import Blackout
from scheduler.cadence.dates import MONTHS, WEEKDAYS, say_date, say_list, say_time
from scheduler.cadence.rhythm import LAST, MONDAY_TO_FRIDAY, Rhythm, Unit

if TYPE_CHECKING:
    from scheduler.cadence.rule import Cadence

NO_RHYTHM = "dates of its own"
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", LAST: "last"}


def in_words(cadence: "Cadence") -> str:
    """Such as "every weekday at 07:00 from 3 March 2026, not on holidays of DE-BE"."""
    return ", ".join([_rule(cadence), *_exceptions(cadence), *(_closed(one) for one in cadence.blackouts)])


def rhythm_text(rhythm: Rhythm) -> str:
    """As `every` has it in a series file: "day", "2 weeks on monday, thursday", "month on the last friday"."""
    return _rhythm(rhythm, ", ".join(WEEKDAYS[day].lower() for day in rhythm.weekdays))


def _rule(cadence: "Cadence") -> str:
    at = f" at {say_list([say_time(one) for one in cadence.times])}"
    begin = f" from {say_date(cadence.start)}" if cadence.start else ""
    if cadence.rhythm is None or cadence.start is None:
        return NO_RHYTHM + (at if cadence.times != (time(7),) else "") + begin
    return f"every {_every(cadence.rhythm, WEEKDAYS[cadence.start.weekday()])}{at}{begin}"


def _every(rhythm: Rhythm, first: str) -> str:
    if rhythm == Rhythm(Unit.week):
        return first
    names = [WEEKDAYS[day] for day in rhythm.weekdays]
    text = _rhythm(rhythm, say_list(names))
    # "every Tuesday" from a Tuesday on is said of a rhythm that takes its weekday from its start; this one has its own.
    return f"week on {first}" if text == first else text


def _rhythm(rhythm: Rhythm, weekdays: str) -> str:
    count = f"{rhythm.interval} {rhythm.unit}s" if rhythm.interval > 1 else str(rhythm.unit)
    if rhythm.nth is not None:
        return f"{count} on the {_ORDINALS[rhythm.nth]} {weekdays}"
    if rhythm.month_day is not None:
        return f"{count} on the last day" if rhythm.month_day == LAST else f"{count} on day {rhythm.month_day}"
    if not rhythm.weekdays:
        return count
    if rhythm.interval > 1:
        return f"{count} on {weekdays}"
    return "weekday" if rhythm.weekdays == MONDAY_TO_FRIDAY else weekdays


def _exceptions(cadence: "Cadence") -> Iterator[str]:
    if cadence.holidays:
        yield f"not on holidays of {say_list(list(cadence.holidays))}"
    # A day that is left out comes before a slot of that day that is, too.
    days = [(datetime.combine(day, time.min), 0, say_date(day)) for day in cadence.without_days]
    moments = [(at, 1, _moment(at)) for at in cadence.without_slots]
    yield from (f"not on {said}" for *_, said in sorted(days + moments))
    yield from (f"also on {_moment(at)}" for at in cadence.also)


def _moment(at: datetime) -> str:
    return f"{say_date(at.date())} at {say_time(at.time())}"


def _closed(blackout: Blackout) -> str:
    reason = f" ({_bracketed(blackout.reason)})" if blackout.reason else ""
    if blackout.first == blackout.last:
        return f"closed on {say_date(blackout.first)}{reason}"
    return f"closed from {_stretch(blackout)}{reason}"


def _stretch(blackout: Blackout) -> str:
    """Without repeating a month or a year: 1 to 31 July 2026; 28 June to 3 July 2026."""
    first, last = blackout.first, blackout.last
    if last is None:
        return say_date(first)
    if first.year != last.year:
        return f"{say_date(first)} to {say_date(last)}"
    month = "" if first.month == last.month else f" {MONTHS[first.month - 1]}"
    return f"{first.day}{month} to {say_date(last)}"


def _bracketed(reason: str) -> str:
    """A reason as it stands between parentheses: its own are marked with a backslash unless they come in pairs."""
    text = reason.replace("\\", "\\\\")
    return text if _paired(text) else text.replace("(", "\\(").replace(")", "\\)")


def _paired(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0
