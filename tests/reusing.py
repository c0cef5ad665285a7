"""Databases that are emptied and handed out again: to make one costs many times what it costs to empty it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

_MOST = 1_000_000
"""Bytes of rows; a database that has grown beyond is left, since its indexes do not shrink."""
_KEPT = "alembic_version"

_OTHERS = """
    SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_PARTS = ("pg_class", "pg_trigger", "pg_constraint", "pg_proc", "pg_type", "pg_attrdef", "pg_namespace")
_SHAPE = f"""
    SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
        SELECT attrelid || '/' || attnum || '/' || xmin AS part FROM pg_attribute WHERE attrelid >= 16384
        {"".join(f"UNION ALL SELECT '{one}/' || oid || '/' || xmin FROM {one} WHERE oid >= 16384 " for one in _PARTS)}
        UNION ALL SELECT setdatabase || '/' || setconfig::text FROM pg_db_role_setting
        UNION ALL SELECT version_num FROM {_KEPT}
    ) AS parts
"""
"""Changes with whatever is done to a table, a trigger, a function; not with what is in the tables."""
_USED = """
    SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND oid >= 16384 AND relname <> %s AND pg_relation_size(oid) > 0
"""
_FIRST_AGAIN = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence WHERE seqrelid >= 16384"


class Reused:
    """Databases made by `make` from one template, which has its tables and nothing in them; `dsn` says where one is.

    One that cannot be made as it was is left alone: somebody is still connected, its tables were changed, it has grown.
    """

    def __init__(self, make: Callable[[], str], dsn: Callable[[str], str]) -> None:
        self._make = make
        self._dsn = dsn
        self._free: list[str] = []
        self._shape: object = None

    @contextmanager
    def one(self) -> Iterator[str]:
        """The name of a database, for as long as the block lasts."""
        name = self._free.pop() if self._free else self._made()
        yield name
        with psycopg.connect(self._dsn(name), autocommit=True) as connection:
            if self._is_as_made(connection) and _emptied(connection):
                self._free.append(name)

    def _made(self) -> str:
        name = self._make()
        if self._shape is None:
            with psycopg.connect(self._dsn(name), autocommit=True) as connection:
                assert connection.execute(_USED, (_KEPT,)).fetchall() == [], "a template has rows that would be lost"
                self._shape = _first(connection, _SHAPE)
        return name

    def _is_as_made(self, connection: psycopg.Connection[Any]) -> bool:
        return _alone(connection) and _first(connection, _SHAPE) == self._shape


def _alone(connection: psycopg.Connection[Any]) -> bool:
    """Whether nobody else is connected any more; who has just hung up may take a moment to be gone."""
    for _ in range(50):
        if connection.execute(_OTHERS).fetchone()[1] == 0:  # type: ignore[index]
            return True
        connection.execute("SELECT pg_sleep(0.01)")
    return False


def _emptied(connection: psycopg.Connection[Any]) -> bool:
    """Whether the tables are again as if nothing had ever been in them."""
    used = dict(connection.execute(_USED, (_KEPT,)).fetchall())
    if sum(used.values()) > _MOST:
        return False
    # Foreign keys and triggers need not be asked when all goes.
    deletes = "".join(f"DELETE FROM {table}; " for table in used)
    connection.execute(f"SET session_replication_role = replica; {deletes}{_FIRST_AGAIN}")  # type: ignore[call-overload]
    if used:
        connection.execute(f"VACUUM {', '.join(used)}")  # type: ignore[call-overload]
    return connection.execute(_USED, (_KEPT,)).fetchone() is None


def _first(connection: psycopg.Connection[Any], statement: str) -> object:
    return connection.execute(statement).fetchone()[0]  # type: ignore[index, call-overload]
