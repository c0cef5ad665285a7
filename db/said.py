"""What the program says: a text with values, in English as it stands, in another language where a page shows it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol


class Tongue(Protocol):
    """A language: its words for ours, and how it writes lists, dates and moments."""

    def gettext(self, text: str) -> str: ...
    def ngettext(self, one: str, many: str, count: int) -> str: ...
    def listed(self, items: Sequence[str]) -> str: ...
    def full_date(self, day: date) -> str: ...
    def moment(self, wall: datetime) -> str: ...


class Said(str):
    """English wherever a string is wanted: in logs, in a terminal, in a test. `in_language` gives another one.

    Made by `say` and `say_count` alone. Values may be numbers, texts, dates, wall times, lists of such, and what was
    itself said.
    """

    text: str
    many: str | None
    values: Mapping[str, object]

    def __str__(self) -> str:
        # Itself, so that str() of an error that was raised with it can still be said in another language.
        return self

    def in_language(self, tongue: Tongue) -> str:
        count = self.values.get("count")
        if self.many is not None and isinstance(count, int):
            text = tongue.ngettext(self.text, self.many, count)
        else:
            text = tongue.gettext(self.text)
        return text % {name: _written(value, tongue) for name, value in self.values.items()}


def say(text: str, **values: object) -> Said:
    """`say("%(email)s is an operator already", email=email)`: the text must stand there as it is, to be found."""
    return _said(text, None, values)


def say_count(one: str, many: str, count: int, **values: object) -> Said:
    """`say_count("1 chapter moves", "%(count)s chapters move", moves)`: by the rules for plurals of each language."""
    return _said(one, many, {"count": count, **values})


def say_in_a_row(parts: Sequence[str]) -> str:
    """`one; other; third`."""
    row = parts[0]
    for part in parts[1:]:
        row = say("%(one)s; %(other)s", one=row, other=part)
    return row


def say_side_by_side(parts: Sequence[str]) -> str:
    """`One. Other. Third.`"""
    row = parts[0]
    for part in parts[1:]:
        row = say("%(one)s %(other)s", one=row, other=part)
    return row


def say_and(parts: Sequence[str]) -> str:
    """`one, other, third`."""
    row = parts[0]
    for part in parts[1:]:
        row = say("%(one)s, %(other)s", one=row, other=part)
    return row


def say_or(parts: Sequence[str]) -> str:
    """`one or other or third`."""
    row = parts[0]
    for part in parts[1:]:
        row = say("%(one)s or %(other)s", one=row, other=part)
    return row


def worded(english: str, said: str) -> Said:
    """The same, but for other words in English."""
    assert isinstance(said, Said)
    other = Said(english)
    other.text, other.many, other.values = said.text, said.many, said.values
    return other


def marked(text: str) -> str:
    """A text that will be said later: it is found here, and left as it is."""
    return text


def say_again(text: str, many: str | None, values: Mapping[str, object]) -> Said:
    """From what was said once, taken apart."""
    return _said(text, many, values)


def _said(text: str, many: str | None, values: Mapping[str, object]) -> Said:
    chosen = text if many is None or values["count"] == 1 else many
    said = Said(chosen % {name: _plain(value) for name, value in values.items()})
    said.text, said.many, said.values = text, many, values
    return said


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(one)) for one in value)
    return value


def _written(value: object, tongue: Tongue) -> object:
    if isinstance(value, Exception):
        value = str(value)
    if isinstance(value, Said):
        return value.in_language(tongue)
    if isinstance(value, datetime):
        return tongue.moment(value)
    if isinstance(value, date):
        return tongue.full_date(value)
    if isinstance(value, list | tuple):
        return tongue.listed([str(_written(one, tongue)) for one in value])
    return value
