"""What was published once, given to the stores of other tests: to copy it costs a fiftieth of publishing it again."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from db.engine import Store
from tests.feeds.publishing import Desk

_USED = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0"
_COUNTED = "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences"

Make = Callable[[Store, Path], Desk]


@dataclass(frozen=True)
class _Copy:
    """A desk, a copy of its folder, and what was in its store."""

    desk: Desk
    folder: Path
    file: bytes
    tables: dict[str, bytes]
    sequences: list[tuple[str, int | None]]


class Keeping:
    """Desks by name, each made once on each database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies: dict[tuple[str, bool], _Copy] = {}

    def desk(self, name: str, make: Make, store: Store, folder: Path) -> Desk:
        """What `make` gives for a store that has nothing in it."""
        key = (name, store.is_sqlite)
        if key not in self._copies:
            desk = make(store, folder)
            self._copies[key] = self._copy(desk, self._folder / f"{name}-{store.is_sqlite}")
            return desk
        return _given(self._copies[key], store, folder / "public")

    def _copy(self, desk: Desk, place: Path) -> _Copy:
        shutil.copytree(desk.folder, place)
        desk.store.close()
        if desk.store.is_sqlite:
            return _Copy(desk, place, _file(desk.store).read_bytes(), {}, [])
        with _connected(desk.store) as connection:
            tables = [row[0] for row in connection.execute(_USED)]
            kept = {table: _out(connection, table) for table in tables if table != "alembic_version"}
            return _Copy(desk, place, b"", kept, connection.execute(_COUNTED).fetchall())


def _given(copy: _Copy, store: Store, folder: Path) -> Desk:
    shutil.copytree(copy.folder, folder)
    store.close()
    if store.is_sqlite:
        _file(store).write_bytes(copy.file)
    else:
        with _connected(store) as connection:
            # Each row was allowed once; rows that refer to one another would else have to come in their order.
            connection.execute("SET session_replication_role = replica")
            for table, rows in copy.tables.items():
                _into(connection, table, rows)
            for sequence, last in copy.sequences:
                if last is not None:
                    connection.execute("SELECT setval(%s::regclass, %s)", (sequence, last))
    return replace(copy.desk, store=store, folder=folder)


def _file(store: Store) -> Path:
    return Path(store.engine.url.database or "")


def _connected(store: Store) -> psycopg.Connection[Any]:
    return psycopg.connect(store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1))


def _out(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:  # type: ignore[call-overload]
        return b"".join(rows)


def _into(connection: psycopg.Connection[Any], table: str, rows: bytes) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:  # type: ignore[call-overload]
        copy.write(rows)
