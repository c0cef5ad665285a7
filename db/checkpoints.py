"""Moving what SQLite wrote to its log into its file, beside the writers and not in the middle of one's commit."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.engine import Store

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two looks at the log. Not shorter: who begins it anew waits for the disk once."""


class Log(NamedTuple):
    """Pages in the log, and those of them that are in the file too. A log that is all in the file is begun anew."""

    pages: int
    moved: int


def checkpoint(store: Store) -> Log:
    """Move what readers do not need in the log any more; waits for nobody and holds nobody up.

    https://www.sqlite.org/pragma.html#pragma_wal_checkpoint, PASSIVE: without the lock of a writer.
    """
    connection = store.engine.raw_connection()
    try:
        _busy, pages, moved = connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        connection.close()
    return Log(pages, moved)


@contextmanager
def checkpointing(store: Store, every: float = EVERY) -> Iterator[None]:
    """Checkpoint until the block ends, on a thread of its own; nothing of the kind where the store is PostgreSQL.

    Else it falls to whoever makes the log long enough, whose commit then waits for the disk, and all writers with it.
    """
    if not store.is_sqlite:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_until, args=(store, done, every), name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _until(store: Store, done: threading.Event, every: float) -> None:
    while not done.wait(every):
        try:
            checkpoint(store)
        except (sqlite3.Error, SQLAlchemyError) as error:
            # A full disk, say: writers hear of it too. The log only grows until the next time.
            log.warning("no checkpoint", problem=str(error))
