"""Taking in a list of readers of any length: a little at a time, and after a kill from where it stood.

Each write holds what became of some lines together with the last of them, so that no line is taken in twice.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from sqlalchemy.orm import Session

from db import imports
from db import series as all_series
from db.engine import Store
from db.errors import FascicleError, StoreBusy
from importers.subscribers import each_subscriber
from importers.values import RefusedRow, SubscriberSource
from scheduler.readers import ReaderDefaults
from scheduler.taking_in import take_in_readers

Row = SubscriberSource | RefusedRow

FEWEST, MOST = 200, 4_000
"""Rows of the store in one write, about; a single reader who follows very many series may be more."""
AIM = 0.03
"""Seconds that a write is to take: with more than 0.05 it would keep deliveries waiting."""
TRIES = 5
"""Of a write that met another change."""


class ImportUnderWay(FascicleError):
    """Somebody else takes in the same list at this moment."""


@dataclass(frozen=True)
class ReaderList:
    """A list of readers and what it is taken in with. Together they are one import, by their digest."""

    path: Path
    digest: str
    lines: int
    series: frozenset[str]
    defaults: ReaderDefaults

    def rows(self, *, after: int = 0) -> Iterator[Row]:
        """The rows below a line. Raises ImportRefused for what is no list of readers."""
        return each_subscriber(self.path, series=self.series, after=after)


def open_list(store: Store, path: Path, *, defaults: ReaderDefaults, skip_refused: bool) -> ReaderList:
    """Raises ImportRefused for what is no list of readers."""
    with store.reading() as session:
        series = all_series.ends_of(session, None)
    next(each_subscriber(path), None)
    hashed, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hashed.update(block)
            lines += block.count(b"\n")
    hashed.update(json.dumps([defaults.zone, defaults.language, skip_refused, sorted(series)]).encode())
    return ReaderList(path, hashed.hexdigest(), lines, frozenset(series), defaults)


def stands_at(store: Store, readers: ReaderList) -> int:
    """The line up to which an import that was broken off has come; 0 when there is none."""
    with store.reading() as session:
        row = imports.find(session, readers.digest)
        return row.line if row and row.finished_at is None else 0


class ReaderImport:
    """One import, from where it stands. `line` and `counts` say how far it has come."""

    def __init__(
        self, store: Store, readers: ReaderList, fingerprint: Callable[[str], str], *, now: datetime, dry: bool = False
    ) -> None:
        self._store, self._list, self._fingerprint, self._now, self._dry = store, readers, fingerprint, now, dry
        self.line, self.counts = 0, Counter[str]()
        if not dry:
            with store.writing() as session:
                row = imports.begin(session, readers.digest, file=readers.path.name, now=now)
                self.line, self.counts = row.line, Counter(row.counts)

    def take_in(self, rows: Iterable[Row]) -> Iterator[int]:
        """Take in the readers among the rows below `line`; gives that line after each write, and once it is all in."""
        pace, some, upto, weight = Pace(), list[SubscriberSource](), self.line, 0
        for row in rows:
            line = row.place.line or 0
            if line <= self.line:
                continue
            upto = line
            if isinstance(row, SubscriberSource):
                some.append(row)
                weight += 1 + (len(row.series) or len(self._list.series))
            if weight >= pace.rows:
                pace.took(self._write(some, upto))
                some, weight = [], 0
                yield self.line
        self._write(some, upto)
        self._finish()
        yield self.line

    def _write(self, some: Sequence[SubscriberSource], upto: int) -> float:
        for tries in range(1, TRIES + 1):
            try:
                return self._try_to_write(some, upto)
            except StoreBusy:
                if tries == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _try_to_write(self, some: Sequence[SubscriberSource], upto: int) -> float:
        with self._store.writing() as session:
            begin = monotonic()
            counts = self.counts + self._joined(session, some)
            if self._dry:
                session.rollback()
            elif not imports.advance(session, self._list.digest, after=self.line, upto=upto, counts=counts):
                raise self._under_way()
        self.line, self.counts = upto, counts
        return monotonic() - begin

    def _joined(self, session: Session, some: Sequence[SubscriberSource]) -> Counter[str]:
        joined = take_in_readers(
            session, some, defaults=self._list.defaults, fingerprint=self._fingerprint, now=self._now
        )
        return Counter(kind.value for _, kind in joined)

    def _finish(self) -> None:
        if self._dry:
            return
        with self._store.writing() as session:
            if not imports.finish(session, self._list.digest, after=self.line, now=self._now):
                raise self._under_way()

    def _under_way(self) -> ImportUnderWay:
        return ImportUnderWay(
            f"{self._list.path.name} is being taken in by another run, which has gone on from line {self.line}; "
            "wait for it, or stop it and import again"
        )


class Pace:
    """How many rows go into a write, by how long the last ones took."""

    def __init__(self) -> None:
        self.rows = float(FEWEST)

    def took(self, seconds: float) -> None:
        change = min(1.5, max(0.3, AIM / max(seconds, 0.0001)))
        self.rows = min(float(MOST), max(float(FEWEST), self.rows * change))
