"""A record: named cells of text, each with its line, whether it came from YAML or from CSV."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from db.said import say
from importers.files import uncarried
from importers.findings import Findings, did_you_mean
from importers.values import Place


@dataclass(frozen=True)
class Cell:
    """The text of one value; `items` when it was written as a list, and then `text` is empty."""

    text: str
    line: int | None
    items: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Record:
    place: Place
    cells: Mapping[str, Cell]

    def text(self, name: str) -> str | None:
        """The value on one line, or None when it is missing or blank."""
        cell = self.cells.get(name)
        return None if cell is None else " ".join(cell.text.split()) or None

    def at(self, name: str) -> Place:
        """Where the value stands, or where the record begins when it has none."""
        cell = self.cells.get(name)
        return self.place if cell is None else Place(self.place.file, cell.line)

    def listed(self, name: str, *, separators: str) -> tuple[str, ...]:
        """The distinct items of a list, or of a text with one of the separators between them, in their order."""
        cell = self.cells.get(name)
        if cell is None:
            return ()
        items = cell.items if cell.items is not None else _split(cell.text, separators)
        folded = (" ".join(item.split()) for item in items)
        return tuple(dict.fromkeys(item for item in folded if item))


def check_names(record: Record, known: Collection[str], *, noun: str, findings: Findings) -> None:
    for name in record.cells:
        if name not in known:
            findings.add(
                record.at(name),
                say(
                    "`%(name)s` is not a %(noun)s we know.%(hint)s",
                    name=name,
                    noun=noun,
                    hint=did_you_mean(name, known),
                ),
            )


def check_cells(record: Record, *, lists: Collection[str], findings: Findings) -> None:
    """Notes each list where a text belongs, and each character that YAML's escapes let in but no feed can carry."""
    for name, cell in record.cells.items():
        if cell.items is not None and name not in lists:
            findings.add(record.at(name), say("`%(name)s` takes one text, not a list.", name=name))
        sign = uncarried("".join((cell.text, *(cell.items or ()))))
        if sign:
            findings.add(
                record.at(name),
                say("`%(name)s` holds %(sign)s, a character that no feed can carry; remove it.", name=name, sign=sign),
            )


def _split(text: str, separators: str) -> list[str]:
    for separator in separators[1:]:
        text = text.replace(separator, separators[0])
    return text.split(separators[0])
