"""A language in which every word is ours between brackets: what a page shows without them was never translated."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

from babel import Locale
from babel.support import NullTranslations

from templates.languages import Words

_KEPT = re.compile(r"(%\(\w+\)[sr]|%%|<[^>]+>|`[^`]*`)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PATTERN = re.compile(r"[EdMyLc ]+")
_BRACKETED = re.compile(r"⟦[^⟧]*⟧")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_NAMES = re.compile(r"`[^`]*`|\S*[\d@/_]\S*")
"""Addresses, zones, slugs, commands and what else is the same in every language."""


class Bracketing(NullTranslations):
    def gettext(self, message: str) -> str:
        if _PATTERN.fullmatch(message):
            return message
        return "".join(
            part if place % 2 else _WORD.sub(r"⟦\g<0>⟧", part) for place, part in enumerate(_KEPT.split(message))
        )

    def ngettext(self, msgid1: str, msgid2: str, num: int) -> str:
        return self.gettext(msgid1 if num == 1 else msgid2)


class _Bare(Words):
    def listed(self, items: Sequence[str]) -> str:
        return ", ".join(items)


def pseudo(_language: str) -> Words:
    return _Bare("en", Bracketing(), Locale.parse("en_GB"))


_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements that have no end."""


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in ("script", "style", "code"):
            self._silent += tag not in _EMPTY
            return
        self.texts += [value or "" for name, value in attrs if name in ("title", "alt", "aria-label", "placeholder")]

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def bare_words(page: str) -> set[str]:
    """The Latin words of a page that stand there without brackets, names of days and months aside."""
    seen = _Seen()
    seen.feed(page)
    plain = (_NAMES.sub(" ", _BRACKETED.sub(" ", text)) for text in seen.texts)
    return {word for text in plain for word in _LATIN.findall(text)} - _CALENDAR


def _names_of_the_calendar() -> set[str]:
    locale = Locale.parse("en_GB")
    kinds = (*locale.days.values(), *locale.months.values())
    return {name for kind in kinds for names in kind.values() for name in names.values()}


_CALENDAR = _names_of_the_calendar()
