"""Opening the post store, and the two ways into it: reading and writing."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InternalError, OperationalError
from sqlalchemy.orm import Session

from db.errors import StoreBusy, StoreUnreachable
from db.tasks import Task, noted

Offer = Callable[[Session, Sequence[Task]], None]
"""Told, before a transaction commits and on its session, what became ready in it."""

_GIVEN_UP = ("40001", "40P01")
"""PostgreSQL's states for a transaction that cannot be serialised, and for a deadlock."""
_TOO_SILENT = "25P03"
"""For a transaction that it ended because nothing came in it for too long."""


class WriteLock:
    """One writer at a time in this process; a waiter that says `first` goes before those that do not.

    SQLite has one writer anyway: queueing here costs less than its busy handler and lets delivery go first.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._busy = False
        self._first_waiting = 0

    @contextmanager
    def held(self, *, first: bool) -> Iterator[None]:
        with self._turn:
            self._first_waiting += first
            self._turn.wait_for(lambda: not self._busy and (first or not self._first_waiting))
            self._first_waiting -= first
            self._busy = True
        try:
            yield
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()


class Store:
    """The post store. Both ways give a session whose transaction begins and ends with the `with` block.

    `offer` is set where work is handed out to other processes; elsewhere workers look into the store themselves. Those
    of this process may be woken by `made_ready`, which is called once something that they can do is committed.
    """

    offer: Offer | None = None
    made_ready: Callable[[], object] | None = None

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(fascicle_writes=True)
        # PostgreSQL would otherwise show each statement a later state; SQLite in WAL mode has snapshots anyway.
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._lock = WriteLock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot: all that is asked in it is true at one moment. Rolled back at the end."""
        with _said_plainly(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, *, first: bool = False) -> Iterator[Session]:
        """Commits at the end of the block, or rolls back when it raises."""
        with _said_plainly():
            if not self.is_sqlite:
                with self._transaction() as session:
                    yield session
                return
            with self._lock.held(first=first), self._transaction() as session:
                yield session

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session
            tasks = noted(session)
            if self.offer and tasks:
                session.flush()
                self.offer(session, tasks)
        if self.made_ready and tasks:
            self.made_ready()

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL of SQLite or PostgreSQL (psycopg). Does not look whether its tables are there.

    Raises StoreUnreachable for a URL that names neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnreachable(f"database: {url!r} is not a database URL, such as sqlite:///fascicle.db") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return Store(_sqlite(url))
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return Store(_postgresql(parsed))
    raise StoreUnreachable(
        f"database: {parsed.drivername!r} is not a database we know; use sqlite:///… or postgresql+psycopg://…"
    )


_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "50000",
}
"""Within a minute a connection over which nothing comes any more is given up, unless the URL says otherwise."""


def _postgresql(url: URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg", query={**_PATIENCE, **url.query})
    # Asked first whether it lives: a connection from before the server's restart would fail its first statement.
    engine = create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    """Have the server end a transaction that is silent for a minute, unless it has a rule of its own.

    A worker that is cut off in the middle of one would keep its rows locked, past every lease.
    """
    connection.execute(
        "SELECT set_config(name, '60000', false) FROM pg_settings "
        "WHERE name = 'idle_in_transaction_session_timeout' AND setting = '0'"
    )
    connection.commit()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    # 64 MB: who writes so much before anybody came to it (db/checkpoints.py) moves the log into the file himself.
    "wal_autocheckpoint=16000",
)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    # The driver's own BEGIN would come late and deferred; _begin_sqlite says it at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("fascicle_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _said_plainly() -> Iterator[None]:
    """A driver's error about reaching the database, in our words."""
    try:
        yield
    except (OperationalError, InternalError) as error:
        if isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) != _TOO_SILENT:
            raise
        if getattr(error.orig, "sqlstate", None) in _GIVEN_UP:
            raise StoreBusy("another change came in between, so that nothing was written; try again") from error
        reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        raise StoreUnreachable(f"the database does not answer: {reason}") from error
