"""The lines of a list that cannot be taken in: the first are told, all are written to a file where one is asked for."""

import csv
from pathlib import Path
from types import TracebackType
from typing import TextIO

from db.errors import BadValue
from fascicle.cli.output import warn
from importers.values import RefusedRow

SHOWN = 20
"""Lines that are named on the terminal."""


class Refusals:
    """Counts, tells and writes refused lines; no more of them are kept than are shown."""

    def __init__(self, report: Path | None) -> None:
        self.lines = 0
        self._report = report
        self._first: list[RefusedRow] = []
        self._file: TextIO | None = None

    def __enter__(self) -> "Refusals":
        if self._report is not None:
            try:
                self._file = self._report.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise BadValue(f"{self._report}: cannot be written: {error.strerror}") from None
            self._writer = csv.writer(self._file)
            self._writer.writerow(("line", "email", "problem"))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: RefusedRow) -> None:
        self.lines += 1
        if len(self._first) < SHOWN:
            self._first.append(row)
        if self._file is not None:
            self._writer.writerow((row.place.line, row.address, " ".join(row.messages)))

    def tell(self) -> None:
        for row in self._first:
            for problem in row.problems:
                warn(str(problem))
        if self.lines > len(self._first):
            more = f"… and {self.lines - len(self._first):,} more lines"
            warn(
                f"{more}; {self._report} names them all." if self._report else f"{more}; --report FILE names them all."
            )
