"""Taking in the lists that operators sent by a page: outside of any request, by whichever worker comes first."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import structlog

from db import uploads
from db.engine import Store
from db.states import UploadKind, UploadState
from db.tables import Upload
from importers.suppressions import SuppressionSource, read_suppressions
from importers.values import ImportRefused, Problem, RefusedRow
from scheduler import suppressing
from scheduler.list_import import ListImport
from scheduler.reader_import import ImportUnderWay, open_list
from scheduler.readers import ReaderDefaults
from scheduler.steer import By
from timing.clocks import Clock

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
BEAT = timedelta(seconds=1)
"""How often it is noted how far a list has come."""
KEEP = timedelta(days=30)
"""How long it is told what became of a list; what was in it goes at once."""
PART = 1 << 20
AT_ONCE = 500
"""Refused lines in one write."""

_NAME = 120


class _Taken(Exception):
    """An operator stopped this list, another worker has it, or this one has to end."""


def receive(store: Store, file: BinaryIO, what: UploadKind, *, name: str, skip_refused: bool, by: By) -> int:
    """Keep a list that is sent, a part at a time, for a worker to take in; gives its id."""
    with store.writing() as session:
        upload_id = uploads.begin(
            session, what, file=_named(name), sent_by=by.who, skip_refused=skip_refused, now=by.at
        )
    size = lines = 0
    for number, part in enumerate(iter(lambda: file.read(PART), b"")):
        size, lines = size + len(part), lines + part.count(b"\n")
        with store.writing() as session:
            uploads.add_part(session, upload_id, number, part)
    with store.writing() as session:
        uploads.arrived(session, upload_id, size=size, lines=lines)
    return upload_id


def _named(name: str) -> str:
    """The last part of a file's name as it was said, and only what can be shown of it."""
    plain = "".join(sign for sign in PurePath(name.replace("\\", "/")).name if sign.isprintable())
    return plain[-_NAME:].strip(". ") or "list.csv"


@dataclass(frozen=True)
class UploadTaker:
    """Takes in one list after the other, each under a lease that is renewed as it comes on."""

    store: Store
    fingerprint: Callable[[str], str]
    defaults: ReaderDefaults
    owner: str
    machine: Clock
    calendar: Clock
    stopping: Callable[[], bool] = lambda: False

    def do_one(self) -> bool:
        """Take in the next list that waits, or go on with one whose worker is gone; else forget what is old."""
        now = self.machine()
        with self.store.reading() as session:
            waits = uploads.any_to_take(session, owner=self.owner, now=now)
            old = uploads.any_before(session, now - KEEP)
        if not waits:
            return old and self._forget(now)
        with self.store.writing() as session:
            upload = uploads.claim(session, owner=self.owner, now=now, until=now + LEASE)
        if upload is not None:
            self._take(upload)
        return upload is not None

    def _forget(self, now: datetime) -> bool:
        with self.store.writing() as session:
            return uploads.forget_before(session, now - KEEP) > 0

    def _take(self, upload: Upload) -> None:
        run = _Run(self, upload)
        try:
            with tempfile.TemporaryDirectory(prefix="fascicle-list-") as folder:
                state, problem = self._taken(run, self._file(upload, Path(folder)))
            run.end(state, problem)
        except _Taken:
            log.info("list given up", upload=upload.id)
            return
        log.info("list taken in", upload=upload.id, state=state, refused=run.refused)

    def _file(self, upload: Upload, folder: Path) -> Path:
        path = folder / upload.file
        with path.open("wb") as file, self.store.reading() as session:
            for part in uploads.parts(session, upload.id):
                file.write(part)
        return path

    def _taken(self, run: "_Run", path: Path) -> tuple[UploadState, str | None]:
        """How it ended, and why when nothing was taken in."""
        take = self._readers if run.upload.what == UploadKind.readers else self._suppressions
        try:
            return take(run, path), None
        except ImportRefused as refused:
            return UploadState.refused, "\n".join(str(problem) for problem in refused.problems)
        except ImportUnderWay as error:
            return UploadState.failed, str(error)

    def _readers(self, run: "_Run", path: Path) -> UploadState:
        skip = run.upload.skip_refused
        job = ListImport(
            store=self.store,
            readers=open_list(self.store, path, defaults=self.defaults, skip_refused=skip),
            fingerprint=self.fingerprint,
            refuse=run.refuse,
            now=self.calendar(),
            skip_refused=skip,
        )
        for phase, line in job.steps():
            run.come_to(line, UploadState(phase.value), job.counts)
        run.counts = job.counts
        return UploadState.refused if job.kept_out else UploadState.finished

    def _suppressions(self, run: "_Run", path: Path) -> UploadState:
        by = By(run.upload.sent_by, self.calendar())
        lines = _told(read_suppressions(path), run.refuse)
        for line in suppressing.take_in(self.store, lines, self.fingerprint, by):
            run.counts["suppressed" if line.new else "suppressed before"] += 1
            run.come_to(line.source.place.line or 0, UploadState.taking_in, run.counts)
        return UploadState.finished


def _told(
    lines: Iterable[SuppressionSource | Problem], refuse: Callable[[RefusedRow], None]
) -> Iterator[SuppressionSource]:
    for line in lines:
        if isinstance(line, Problem):
            refuse(RefusedRow(place=line.place, address="", messages=(line.message,)))
        else:
            yield line


class _Run:
    """One list on its way: what is refused of it is kept, and how far it is noted every second."""

    def __init__(self, taker: UploadTaker, upload: Upload) -> None:
        self.upload = upload
        self.refused = 0
        self.counts = Counter[str]()
        self._taker = taker
        self._noted_at = taker.machine()
        self._waiting: list[dict[str, Any]] = []

    def refuse(self, row: RefusedRow) -> None:
        self.refused += 1
        problem = " ".join(row.messages)
        self._waiting.append(
            {
                "upload_id": self.upload.id,
                "line": row.place.line or 0,
                "address": row.address[:320],
                "problem": problem[:1_000],
            }
        )
        if len(self._waiting) >= AT_ONCE:
            self._keep_refusals()
        # A list may have nothing but such lines.
        self.come_to(row.place.line or 0, UploadState(self.upload.state), self.counts)

    def come_to(self, line: int, state: UploadState, counts: Counter[str]) -> None:
        """Note it, when a second has gone by. Raises _Taken for a list that is not ours any more."""
        now = self._taker.machine()
        if self._taker.stopping():
            raise _Taken
        if now - self._noted_at < BEAT and self.upload.state == state:
            return
        self._noted_at, self.upload.state, self.counts = now, state, counts
        self._keep_refusals()
        values = {"line": line, "state": state, "counts": dict(counts), "refused": self.refused}
        with self._taker.store.writing() as session:
            ours = uploads.go_on(session, self.upload.id, owner=self._taker.owner, until=now + LEASE, values=values)
        if not ours:
            raise _Taken

    def end(self, state: UploadState, problem: str | None) -> None:
        self._keep_refusals()
        values: dict[str, Any] = {"counts": dict(self.counts), "problem": problem}
        now = self._taker.machine()
        with self._taker.store.writing() as session:
            # Counted there, since a run that goes on where another was broken off has not seen them all.
            values["refused"] = uploads.count_refusals(session, self.upload.id)
            if not uploads.end(session, self.upload.id, state, owner=self._taker.owner, now=now, values=values):
                raise _Taken

    def _keep_refusals(self) -> None:
        if self._waiting:
            with self._taker.store.writing() as session:
                uploads.refuse(session, self._waiting)
            self._waiting = []
