"""The languages that letters and pages speak: their words, their dates, their lists.

The words stand in English in the templates; `locale/<language>.po` has them in another one. A language that is not
there is answered in English.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "locale"
# Of the kinds of English the one that writes days before months, and no comma before "and".
_LOCALES = {"en": "en_GB"}


@dataclass(frozen=True)
class Words:
    """One language; `code` is its two-letter code, `babel` Babel's idea of it."""

    code: str
    translations: NullTranslations
    babel: Locale

    def gettext(self, text: str) -> str:
        return str(self.translations.gettext(text))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return str(self.translations.ngettext(one, many, count))

    def long_date(self, day: dt.date) -> str:
        """`Thursday 5 March 2026`."""
        return self._date(day, "EEEE d MMMM y")

    def weekday_date(self, day: dt.date) -> str:
        """`Thursday 5 March`."""
        return self._date(day, "EEEE d MMMM")

    def day_month(self, day: dt.date) -> str:
        """`5 March`."""
        return self._date(day, "d MMMM")

    def short_date(self, day: dt.date, *, with_year: bool) -> str:
        """`Thu 5 Mar`, or `Thu 5 Mar 2026`."""
        return self._date(day, "EEE d MMM y" if with_year else "EEE d MMM")

    def full_date(self, day: dt.date) -> str:
        """`5 March 2026`."""
        return self._date(day, "d MMMM y")

    def moment(self, wall: dt.datetime) -> str:
        """`5 March 2026, 07:00`."""
        return f"{self.full_date(wall)}, {wall:%H:%M}"

    def alone(self, day: dt.date, pattern: str) -> str:
        """A part of a date that stands by itself, such as `Thursday` for `cccc` (Unicode TS 35, part 4)."""
        return format_date(day, pattern, locale=self.babel)

    def decimal(self, number: float) -> str:
        """`1,234.5`, with at most one digit after the point."""
        return format_decimal(number, "#,##0.#", locale=self.babel)

    def month_year(self, day: dt.date) -> str:
        """`March 2026`."""
        return self._date(day, "LLLL y")

    def listed(self, items: Sequence[str]) -> str:
        """`A`, `A and B`, `A, B and C`."""
        return format_list(list(items), locale=self.babel)

    def _date(self, day: dt.date, pattern: str) -> str:
        # The pattern is itself a text that each language writes in its own way (Unicode TS 35, part 4).
        return format_date(day, self.gettext(pattern), locale=self.babel)


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, by their codes."""
    return ("en", *sorted(file.stem for file in FOLDER.glob("*.po")))


def is_spoken(language: str) -> bool:
    """Whether there are words for a BCP 47 tag such as `de-AT`."""
    return language.lower().partition("-")[0] in languages()


def words_of(language: str) -> Words:
    """The words for a BCP 47 tag such as `de-AT`; English where its language is not there."""
    code = language.lower().partition("-")[0]
    return _words(code if code in languages() else "en")


def direction_of(language: str) -> Literal["ltr", "rtl"]:
    """The way a language is written."""
    return "rtl" if language.lower().partition("-")[0] in ("ar", "dv", "fa", "he", "ps", "ur", "yi") else "ltr"


@cache
def _words(code: str) -> Words:
    return Words(code, _translations(code), Locale.parse(_LOCALES.get(code, code)))


def _translations(code: str) -> NullTranslations:
    """Read from the text itself: there is no compiled file that could be older."""
    file = FOLDER / f"{code}.po"
    if not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=code))
    compiled.seek(0)
    return Translations(compiled)
