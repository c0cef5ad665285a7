"""The clauses of a cadence in words: each knows its form, and puts what it reads into `Heard`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time

from db.errors import BadValue
from db.said import say
from scheduler.cadence.calendars import holiday_code
from scheduler.cadence.closed import Blackout
from scheduler.cadence.reading_rhythm import read_rhythm
from scheduler.cadence.rhythm import Rhythm
from scheduler.cadence.saying import NO_RHYTHM
from scheduler.cadence.scanner import DATE, PART_OF_DATE, TIMES, Scanner, date_of, form, times_of

EXAMPLES = (
    "every weekday at 07:00 from 3 March 2026", "not on 17 March 2026", "not on holidays of DE-BE",
    "also on 21 March 2026 at 18:00", "closed from 1 to 31 July 2026 (summer break)",
)  # fmt: skip

_AND = "(?:, ?and|,|;| and| &) ?"
_CODE = "[A-Za-z]{2,3}(?:-[A-Za-z0-9_]+)?"
# "AT" is Austria, so it only begins a clause when a time follows.
_NO_CLAUSE = r"(?!(?:not|on|but|and|also|plus|closed|paused|from|except)\b|at [0-9])"
_WHEN = rf"(?P<date>{DATE})(?: (?:at|@) ?(?P<times>{TIMES}))?"

_OWN = form(NO_RHYTHM)
_AT = form(rf"(?:at|@) ?(?P<times>{TIMES})")
_FROM = form(rf"(?:from|starting(?: on| from)?|beginning(?: on)?|since|as of) (?P<date>{DATE})")
_EXCEPT = form("(?:not|no|never|except|excluding|without|skipping|leaving out)(?: on| for)?")
_CODES = rf"(?P<codes>{_CODE}(?:{_AND}{_NO_CLAUSE}{_CODE}\b)*)"
_HOLIDAYS = form(rf"(?:the )?(?:public |bank )?holidays? (?:of|in|for) {_CODES}")
_ALSO = form("(?:also|plus|additionally)(?: on)?")
_MOMENT = form(_WHEN)
_NEXT_MOMENT = form(_AND + _WHEN)
_CLOSED = form("(?:closed|paused|pause|break)(?P<open> from| since| as of)?(?: on)?")
_STRETCH = form(rf"(?P<first>{DATE}|{PART_OF_DATE}) ?(?:to|until|till|through|-|–) ?(?P<last>{DATE})")
_ONE_DAY = form(rf"(?P<date>{DATE})(?: on| onwards?)?")
_PARENTHESIS = re.compile(r"\\.|[()]")

Moments = list[tuple[date, tuple[time, ...]]]


@dataclass
class Heard:
    """What was read so far; `every` is the text of the rhythm."""

    own: bool = False
    rhythm: Rhythm | None = None
    every: str = ""
    times: tuple[time, ...] | None = None
    start: date | None = None
    left_out: Moments = field(default_factory=list)
    also: Moments = field(default_factory=list)
    holidays: list[str] = field(default_factory=list)
    blackouts: list[Blackout] = field(default_factory=list)


# Each clause says whether it stood next. What it read is then in `heard`.


def _how_often(scanner: Scanner, heard: Heard) -> bool:
    begin = scanner.place
    own = scanner.take(_OWN) is not None
    rhythm = None if own else read_rhythm(scanner)
    if not own and rhythm is None:
        return False
    every = scanner.text[begin : scanner.place].strip().lower()
    if heard.own or heard.rhythm is not None:
        raise BadValue(
            say("how often is said twice: %(every)r comes after %(heard_every)r", every=every, heard_every=heard.every)
        )
    heard.own, heard.rhythm, heard.every = own, rhythm, every
    return True


def _at(scanner: Scanner, heard: Heard) -> bool:
    found = scanner.take(_AT)
    if found is not None:
        heard.times = (heard.times or ()) + times_of(found["times"])
    return found is not None


def _from(scanner: Scanner, heard: Heard) -> bool:
    found = scanner.take(_FROM)
    if found is None:
        return False
    if heard.start is not None:
        raise BadValue(
            say("the first day is said twice: %(date)r comes after %(start)s", date=found["date"], start=heard.start)
        )
    heard.start = date_of(found["date"])
    return True


def _not_on(scanner: Scanner, heard: Heard) -> bool:
    begin = scanner.place
    if scanner.take(_EXCEPT) is None:
        return False
    found = scanner.take(_HOLIDAYS)
    if found is not None:
        heard.holidays += [holiday_code(code) for code in _codes(found["codes"])]
        return True
    return _or_back(scanner, begin, heard.left_out)


def _also(scanner: Scanner, heard: Heard) -> bool:
    begin = scanner.place
    return scanner.take(_ALSO) is not None and _or_back(scanner, begin, heard.also)


def _closed(scanner: Scanner, heard: Heard) -> bool:
    begin = scanner.place
    found = scanner.take(_CLOSED)
    if found is None:
        return False
    if (stretch := scanner.take(_STRETCH)) is not None:
        last: date | None = date_of(stretch["last"])
        first = date_of(stretch["first"], like=last)
    elif (day := scanner.take(_ONE_DAY)) is not None:
        first = date_of(day["date"])
        last = None if found["open"] else first
    else:
        scanner.place = begin
        return False
    heard.blackouts.append(Blackout(first, last, _reason(scanner)))
    return True


CLAUSES: tuple[Callable[[Scanner, Heard], bool], ...] = (_how_often, _at, _from, _not_on, _also, _closed)


def _codes(text: str) -> list[str]:
    return re.findall(rf"\b(?!and\b){_CODE}", text, re.IGNORECASE)


def _or_back(scanner: Scanner, begin: int, moments: Moments) -> bool:
    """Reads one moment or more; without any, the words before them were not read either."""
    found = scanner.take(_MOMENT)
    if found is None:
        scanner.place = begin
        return False
    while found is not None:
        moments.append((date_of(found["date"]), times_of(found["times"] or "")))
        found = scanner.take(_NEXT_MOMENT)
    return True


def _reason(scanner: Scanner) -> str:
    """What stands between parentheses, which may hold pairs of their own, or single ones after a backslash."""
    text = scanner.text[scanner.place :].lstrip()
    if not text.startswith("("):
        return ""
    depth = 0
    for sign in _PARENTHESIS.finditer(text):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth == 0:
            scanner.place = len(scanner.text) - len(text) + sign.end()
            return re.sub(r"\\(.)", r"\1", text[1 : sign.start()])
    raise BadValue(say("%(value)r has no closing parenthesis", value=text))
