"""CSV as records, each knowing the line of the file on which it begins."""

import csv
import io
from collections.abc import Collection, Iterator

from importers.findings import Findings, did_you_mean
from importers.records import Cell, Record
from importers.values import Place

Row = tuple[int, list[str]]


def read_table(text: str, file: str, *, columns: tuple[str, ...], findings: Findings) -> Iterator[Record]:
    """The records below the header line; rows with too many or too few values are noted and left out."""
    rows = _rows(text, file, findings=findings)
    header = next(rows, None)
    if header is None or not known_header(header, file, columns=columns, findings=findings):
        if header is None:
            findings.add(Place(file, 1), f"is empty; its first line must name columns: {','.join(columns)}.")
        return
    names = [name.strip() for name in header[1]]
    for line, values in rows:
        if len(values) == len(names):
            cells = {name: Cell(value, line) for name, value in zip(names, values, strict=True)}
            yield Record(Place(file, line), cells)
        else:
            findings.add(Place(file, line), f"has {len(values)} values for {len(names)} columns.")


def known_header(header: Row, file: str, *, columns: Collection[str], findings: Findings) -> bool:
    line, cells = header
    names = [name.strip() for name in cells]
    place = Place(file, line)
    if not set(names) & set(columns):
        findings.add(place, f"no header; the first line must name columns, with commas: {','.join(columns)}.")
        return False
    for name in sorted(set(names) - set(columns), key=names.index):
        findings.add(place, f"`{name}` is not a column we know.{did_you_mean(name, columns)}")
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            findings.add(place, f"the column `{name}` is there {names.count(name)} times.")
    return len(set(names)) == len(names)


def _rows(text: str, file: str, *, findings: Findings) -> Iterator[Row]:
    """The rows with the line each begins on; rows without any value are what spreadsheets leave behind."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            findings.add(Place(file, begins), f"is not CSV from here on: {error}.")
            return
        if any(value.strip() for value in values):
            yield begins, values
        begins = reader.line_num + 1
