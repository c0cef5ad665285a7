"""CSV of any length, row by row: what is wrong with one row is said of that row, and the next one is read."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from importers.files import uncarried
from importers.findings import Findings
from importers.records import Cell, Record
from importers.table import known_header
from importers.values import Place, RefusedRow

LONGEST = 200_000
"""Bytes of a line that are read at once; the field of a longer one is refused by the CSV reader itself."""
_Row: TypeAlias = tuple[int, list[str] | str]
"""The line it begins on, and its values, or what keeps it from having any."""


def each_record(path: Path, *, columns: tuple[str, ...]) -> Iterator[Record | RefusedRow]:
    """The rows below the header line. Raises ImportRefused, before any of them, for what is no such file."""
    findings = Findings()
    rows = _rows(path, findings)
    begins, names = next(rows, (0, []))
    if not begins:
        findings.add(Place(path.name, 1), f"is empty; its first line must name columns: {','.join(columns)}.")
    elif isinstance(names, str):
        findings.add(Place(path.name, begins), names)
    else:
        names = [name.strip() for name in names]
        known_header((begins, names), path.name, columns=columns, findings=findings)
    findings.refuse()
    for line, values in rows:
        yield _record(Place(path.name, line), list(names), values)


def _record(place: Place, names: list[str], values: list[str] | str) -> Record | RefusedRow:
    if isinstance(values, str):
        return RefusedRow(place=place, address="", messages=(values,))
    found = _trouble(names, values)
    if found is None:
        return Record(place, {name: Cell(text, place.line) for name, text in zip(names, values, strict=True)})
    address = values[names.index("email")] if "email" in names[: len(values)] else ""
    return RefusedRow(place=place, address=address.encode("utf-8", "replace").decode(), messages=(found,))


def _trouble(names: list[str], values: list[str]) -> str | None:
    sign = uncarried("".join(values))
    if sign is None:
        return None if len(values) == len(names) else f"has {len(values)} values for {len(names)} columns."
    if sign.startswith("U+D"):  # a surrogate: it stands for a byte that could not be decoded
        return "is not valid UTF-8; save the file as UTF-8."
    return f"holds {sign}, a character that no letter can carry; remove it."


def _rows(path: Path, findings: Findings) -> Iterator[_Row]:
    """The rows, without those that have no value at all: spreadsheets leave them behind."""
    reader = csv.reader(_lines(path, findings), strict=True)
    begins = 1
    while True:
        try:
            values: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            upto = f" up to line {reader.line_num}" if reader.line_num > begins else ""
            values = f"is not CSV{upto}: {error}."
        if isinstance(values, str) or any(value.strip() for value in values):
            yield begins, values
        begins = reader.line_num + 1


def _lines(path: Path, findings: Findings) -> Iterator[str]:
    """Lines of text; a byte that is no UTF-8 becomes a surrogate, which nothing else in a file can be."""
    if not path.is_file():
        findings.add(Place(path.name, None), "there is no such file.")
        findings.refuse()
    try:
        with path.open("rb") as file:
            first = file.readline(LONGEST).removeprefix(codecs.BOM_UTF8)
            while first:
                yield first.decode("utf-8", "surrogateescape")
                first = file.readline(LONGEST)
    except OSError as error:
        findings.add(Place(path.name, None), f"cannot be read: {error.strerror}.")
        findings.refuse()
