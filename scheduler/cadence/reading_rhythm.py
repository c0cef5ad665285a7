"""Words to a rhythm: "every weekday", "2 weeks on monday, thursday", "the last Friday of every month"."""

import re
from difflib import get_close_matches

from db.errors import BadValue
from db.said import say
from scheduler.cadence.dates import WEEKDAYS
from scheduler.cadence.rhythm import LAST, MONDAY_TO_FRIDAY, Rhythm, Unit
from scheduler.cadence.saying import NO_RHYTHM
from scheduler.cadence.scanner import Scanner, form, weekday_of

EXAMPLES = (
    "every day", "every weekday", "Mondays and Thursdays", "every 2 weeks on Monday", "monthly on the 15th",
    "the last Friday of every month",
)  # fmt: skip

_ADVERBS = {
    "daily": (1, Unit.day), "weekly": (1, Unit.week), "fortnightly": (2, Unit.week), "monthly": (1, Unit.month),
    "quarterly": (3, Unit.month), "yearly": (12, Unit.month),
}  # fmt: skip
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_COUNT = rf"(?P<count>[0-9]{{1,4}}(?:st|nd|rd|th)?|other|{'|'.join(_NUMBERS + _PLACES)})"
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?"
)
_RANGE = rf"{_WEEKDAY} ?(?:to|through|-|–) ?{_WEEKDAY}"
_SOME_DAYS = rf"(?:{_RANGE}|{_WEEKDAY}|(?:week|work|business |working )days?|weekends?)\b"
_DAYS = rf"(?P<days>{_SOME_DAYS}(?:(?:, ?and|,| and| &) ?(?:on )?{_SOME_DAYS})*)"
_PLACE = rf"(?P<place>[1-5](?:st|nd|rd|th)|{'|'.join(_PLACES[:5])}|last)"
_NTH_DAY = r"day (?P<day>[0-9]{1,2})|(?P<nth_day>[0-9]{1,2})(?:st|nd|rd|th)"
_ON_MONTH_DAY = rf"(?:on )?(?:the )?(?:{_PLACE} (?P<weekday>{_WEEKDAY}|day)|{_NTH_DAY})\b"

_BEGIN = form("every|each|on every|on each|on")
_OF_MONTH = form(rf"{_ON_MONTH_DAY} (?:of|in) (?:the month|(?:every|each)(?: {_COUNT})? months?)")
_UNITS = form(rf"(?:{_COUNT} )?(?P<unit>day|week|month)s?|(?P<adverb>{'|'.join(_ADVERBS)})")
_AT_MONTH_DAY = form(rf"{_ON_MONTH_DAY}(?: of (?:the|each|every) month)?")
_ON_DAYS = form(rf"on (?:every )?{_DAYS}")
_WEEKDAYS_ALONE = form(rf"(?:(?P<count>other) )?{_DAYS}")
_NONE = form(NO_RHYTHM)
_WORDS = sorted({*_ADVERBS, *_NUMBERS, *_PLACES, *map(str.lower, WEEKDAYS), "day", "week", "weekday", "month", "last"})


def parse_rhythm(text: str) -> Rhythm | None:
    """A whole text that says how often, or "dates of its own" (None). Raises BadValue."""
    scanner = Scanner(text)
    rhythm = read_rhythm(scanner) if scanner.take(_NONE) is None else None
    if not scanner.done or not scanner.place:
        raise unreadable_rhythm(scanner.unread() or text)
    return rhythm


def read_rhythm(scanner: Scanner) -> Rhythm | None:
    """The rhythm that stands next; None, with nothing read, when there is none. BadValue for a 32nd of the month."""
    begin = scanner.place
    scanner.take(_BEGIN)
    rhythm = _of_month(scanner) or _units(scanner) or _weekdays(scanner)
    if rhythm is None:
        scanner.place = begin
    return rhythm


def unreadable_rhythm(part: str) -> BadValue:
    unknown = [word for word in re.findall("[a-z]+", part.lower()) if word.rstrip("s") not in _WORDS]
    close = [near for word in unknown for near in get_close_matches(word, _WORDS, n=1, cutoff=0.75)]
    hint = say(" Did you mean `%(close)s`?", close=close[0]) if close else ""
    return BadValue(
        say(
            "%(part)r does not say how often.%(hint)s Write such as %(examples)s",
            part=part,
            hint=hint,
            examples="; ".join(EXAMPLES),
        )
    )


def _of_month(scanner: Scanner) -> Rhythm | None:
    found = scanner.take(_OF_MONTH)
    return _monthly(_count(found["count"]), found) if found else None


def _units(scanner: Scanner) -> Rhythm | None:
    found = scanner.take(_UNITS)
    if found is None:
        return None
    adverb = found["adverb"]
    interval, unit = _ADVERBS[adverb.lower()] if adverb else (_count(found["count"]), Unit(found["unit"].lower()))
    if unit is Unit.week and (on := scanner.take(_ON_DAYS)):
        return Rhythm(unit, interval, _numbers(on["days"]))
    if unit is Unit.month and (on := scanner.take(_AT_MONTH_DAY)):
        return _monthly(interval, on)
    return Rhythm(unit, interval)


def _weekdays(scanner: Scanner) -> Rhythm | None:
    found = scanner.take(_WEEKDAYS_ALONE)
    return Rhythm(Unit.week, _count(found["count"]), _numbers(found["days"])) if found else None


def _count(text: str | None) -> int:
    if text is None:
        return 1
    word = text.lower()
    if word == "other":
        return 2
    for words in (_NUMBERS, _PLACES):
        if word in words:
            return words.index(word) + 1
    return int(re.sub("[a-z]+", "", word))


def _monthly(interval: int, found: re.Match[str]) -> Rhythm:
    if found["place"] is None:
        return Rhythm(Unit.month, interval, month_day=int(found["day"] or found["nth_day"]))
    place = LAST if found["place"].lower() == "last" else _count(found["place"])
    if found["weekday"].lower() == "day":
        return Rhythm(Unit.month, interval, month_day=place)
    return Rhythm(Unit.month, interval, weekdays=(weekday_of(found["weekday"]),), nth=place)


def _numbers(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in re.findall(_SOME_DAYS, text, re.IGNORECASE):
        found += _some_days(part.lower())
    return tuple(found)


def _some_days(text: str) -> tuple[int, ...]:
    if text.startswith("weekend"):
        return (5, 6)
    if text.rstrip("s").endswith("day") and text.startswith(("week", "work", "business")):
        return MONDAY_TO_FRIDAY
    names = re.findall(_WEEKDAY, text)
    first, last = weekday_of(names[0]), weekday_of(names[-1])
    # A range may run over Sunday: Saturday to Monday.
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))
