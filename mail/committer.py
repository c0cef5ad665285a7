"""One writer for the lanes of a round: what several of them have for the ledger is committed at once."""

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Executor
from threading import Event

import structlog

from db.errors import StoreBusy, StoreUnreachable
from mail.ledger import Entry, Ledger

log = structlog.get_logger()

LINGER = 0.001
"""Seconds that an entry waits for company at most, while other lanes are busy."""
DATABASE_PAUSE = 1.0
"""Seconds between two tries to write while the database is away."""
BUSY_PAUSE = 0.02
"""The same where the database is there and only had two changes meet."""


class Committer:
    """Takes entries for the ledger in their order, and writes them in groups, each in one transaction on a thread.

    In their order: the outcome of a lane's letter is never written after its next intent, so that the ledger knows the
    end of all letters but one of each lane. While the database is away the same group is tried again and again: the
    book is retried, never a letter.
    """

    def __init__(self, ledger: Ledger, thread: Executor, *, lanes: int, stopping: Event) -> None:
        self._ledger = ledger
        self._thread = thread
        self._stopping = stopping
        self._waiting: list[tuple[Entry, asyncio.Future[bool]]] = []
        self._some = asyncio.Event()
        self._all = asyncio.Event()
        self._failure: Exception | None = None
        self.lanes = lanes
        """How many lanes are at work; each brings at most an outcome and an intent before it waits."""

    def enter(self, entry: Entry) -> asyncio.Future[bool]:
        """True once the entry is committed, False for an intent that was refused. Raises what ended the writing."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._failure:
            _fail(written, self._failure)
        else:
            self._waiting.append((entry, written))
            self._some.set()
            if len(self._waiting) >= 2 * self.lanes:
                self._all.set()
        return written

    async def run(self) -> None:
        """Write until cancelled, which must wait for the last entry; after a failure nothing more is written."""
        while not self._failure:
            await self._some.wait()
            await self._linger()
            group, self._waiting = self._waiting, []
            self._some.clear()
            self._all.clear()
            await self._commit(group)
        for _, written in self._waiting:
            _fail(written, self._failure)

    async def _linger(self) -> None:
        """Until each lane has brought what it can: a group for half of them costs as much as one for all."""
        if self.lanes > 1:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await self._all.wait()

    async def _commit(self, group: Sequence[tuple[Entry, asyncio.Future[bool]]]) -> None:
        try:
            verdicts = await self._write([entry for entry, _ in group])
        except Exception as error:  # it belongs to the lanes, all of which it stops
            self._failure = error
            for _, written in group:
                _fail(written, error)
            return
        for (_, written), verdict in zip(group, verdicts, strict=True):
            if not written.done():
                written.set_result(verdict)

    async def _write(self, entries: Sequence[Entry]) -> list[bool]:
        again = False
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._written, entries, again)
            except StoreBusy:
                await asyncio.sleep(BUSY_PAUSE)
            except StoreUnreachable as error:
                if self._stopping.is_set():
                    raise
                log.error("ledger not written", entries=len(entries), problem=str(error))
                await asyncio.sleep(DATABASE_PAUSE)
            again = True

    def _written(self, entries: Sequence[Entry], again: bool) -> list[bool]:
        return self._ledger.write(entries, again=again)


def _fail(written: asyncio.Future[bool], error: Exception) -> None:
    if not written.done():
        written.set_exception(error)
        written.exception()  # seen: not every lane asks after every entry
