"""A text read from left to right, and the dates and times in it as people write them."""

import re
from datetime import date, time

from db.errors import BadValue
from db.said import say
from scheduler.cadence.dates import MONTHS, WEEKDAYS

_MONTH = "(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|sept)\.?"
_DAY = "[0-9]{1,2}(?:st|nd|rd|th)?"
_YEAR = "[0-9]{4}"
DATE = rf"(?:{_YEAR}-[0-9]{{2}}-[0-9]{{2}}|{_DAY}(?: of)? {_MONTH},? {_YEAR}|{_MONTH} {_DAY},? {_YEAR})"
PART_OF_DATE = rf"(?:{_DAY}(?:(?: of)? {_MONTH})?|{_MONTH} {_DAY})"
"""The beginning of a stretch that leaves its month or year to the end: "1 to 31 July 2026"."""
# What a date begins with is no time: "at 07:00, 21 March 2026" names one time and one date.
TIME = rf"(?:(?!{DATE})[0-9]{{1,2}}(?:[:.][0-9]{{2}})?(?: ?[ap]\.?m\b\.?)?(?![:.]?\w)|noon|midnight)"
TIMES = rf"{TIME}(?:(?:, ?and|,| and| &) ?{TIME})*"


class Scanner:
    """Text with single spaces, and the place up to which it is read."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self.place = 0

    @property
    def done(self) -> bool:
        return not self.text[self.place :].strip(" ,;.")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands next, if it has this form; it is then read."""
        found = pattern.match(self.text, self.place)
        if found is not None:
            self.place = found.end()
        return found

    def unread(self) -> str:
        """The part that stands next, up to a comma or to where the next part seems to begin."""
        return re.split("[,;]| (?=(?:at|from) )", self.text[self.place :].strip(" ,;"), maxsplit=1)[0]


def form(pattern: str) -> re.Pattern[str]:
    """A pattern of whole words, in any case, after a space or none."""
    return re.compile(rf" ?(?:{pattern})(?!\w)", re.IGNORECASE | re.ASCII)


def time_of(text: str) -> time:
    """Reads what TIME matches: "7", "07:00", "7.30", "6 pm", "noon". Raises BadValue."""
    plain = {"noon": "12:00", "midnight": "0:00"}.get(text.lower(), text.lower())
    figures = [int(part) for part in re.findall("[0-9]+", plain)]
    hour, minute = figures[0], figures[1] if len(figures) > 1 else 0
    half = re.search("[ap]", plain)
    if half is not None:
        hour = hour % 12 + 12 * (half[0] == "p") if 1 <= hour <= 12 else 24
    try:
        return time(hour, minute)
    except ValueError:
        raise BadValue(say("%(value)r is not a time of day; write it as 07:00", value=text)) from None


def times_of(text: str) -> tuple[time, ...]:
    """Reads what TIMES matches. Raises BadValue."""
    return tuple(time_of(one) for one in re.findall(TIME, text, re.IGNORECASE | re.ASCII))


def date_of(text: str, *, like: date | None = None) -> date:
    """Reads what DATE matches, or PART_OF_DATE with its missing month or year taken from `like`. Raises BadValue."""
    figures = [int(part) for part in re.findall("[0-9]+", text)]
    name = re.search(_MONTH, text, re.IGNORECASE)
    if len(figures) == 3:
        year, month, day = figures
    else:
        day = figures[0]
        month = _month(name[0]) if name else like.month if like else 0
        year = figures[1] if len(figures) > 1 else like.year if like else 0
    try:
        return date(year, month, day)
    except ValueError:
        raise BadValue(say("%(value)r is not in the calendar", value=text)) from None


def weekday_of(text: str) -> int:
    """The number of a weekday from its name, of which the first three letters tell."""
    return [name[:3].lower() for name in WEEKDAYS].index(text[:3].lower())


def _month(text: str) -> int:
    return [name[:3].lower() for name in MONTHS].index(text[:3].lower()) + 1
