"""A whole import of readers: all lines are looked at first, and only then, unless one is refused, they are taken in."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from db.engine import Store
from importers.subscribers import no_readers
from importers.values import ImportRefused, RefusedRow
from scheduler.reader_import import ReaderImport, ReaderList, Row, stands_at

_TOLD_EVERY = 1_000


class Phase(StrEnum):
    checking = "checking"
    taking_in = "taking_in"


class Step(NamedTuple):
    """So far an import has come: everything up to `line`."""

    phase: Phase
    line: int


@dataclass
class ListImport:
    """One run of an import. `refuse` is told each line that cannot be taken in.

    Nothing is written when there is one, unless such lines are skipped. A run after one that was broken off goes on
    where that one stood.
    """

    store: Store
    readers: ReaderList
    fingerprint: Callable[[str], str]
    refuse: Callable[[RefusedRow], None]
    now: datetime
    skip_refused: bool
    dry: bool = False
    refused: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.stood = stands_at(self.store, self.readers)

    @property
    def kept_out(self) -> bool:
        """Whether nothing is taken in, because of the lines that were refused."""
        return self.refused > 0 and not self.skip_refused

    def steps(self) -> Iterator[Step]:
        """Do it, telling how far it is. Raises ImportRefused for a list without readers, ImportUnderWay."""
        if not self.skip_refused and not self.stood:
            yield from self._check()
        if not self.kept_out:
            yield from self._take_in()

    def _check(self) -> Iterator[Step]:
        """Look at all lines before anything is written."""
        found = 0
        for row in self._told(self.readers.rows()):
            found += 1
            if found % _TOLD_EVERY == 0:
                yield Step(Phase.checking, row.place.line or 0)
        if not found and not self.refused:
            raise ImportRefused((no_readers(self.readers.path),))

    def _take_in(self) -> Iterator[Step]:
        job = ReaderImport(self.store, self.readers, self.fingerprint, now=self.now, dry=self.dry)
        rows = self.readers.rows(after=0 if self.skip_refused else self.stood)
        for line in job.take_in(self._told(rows)):
            self.counts = job.counts
            yield Step(Phase.taking_in, line)

    def _told(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that can be taken in; the others are told."""
        for row in rows:
            if isinstance(row, RefusedRow):
                self.refused += 1
                self.refuse(row)
            else:
                yield row
