"""Writing many rows of different values by one statement: by the driver's loop in SQLite, from arrays in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TableValuedAlias

from db.prepared import Prepared, given
from db.tables import Base

Row = Mapping[str, Any]


class Updating:
    """Sets the same columns of many rows that are there, each row named by its `key`, the `id` that it has."""

    def __init__(self, model: type[Base], columns: Sequence[str]) -> None:
        self._names = ("key", *columns)
        table = _table(model)
        by_key = update(table).where(table.c.id == given("key"))
        self._singly = Prepared(by_key.values({name: given(name) for name in columns}))
        rows = _from_arrays({"key": table.c.id, **{name: table.c[name] for name in columns}})
        at_once = update(table).where(table.c.id == rows.c.key)
        self._at_once = Prepared(at_once.values({name: rows.c[name] for name in columns}))

    def run(self, session: Session, rows: Sequence[Row]) -> None:
        _run(session, self._names, self._singly, self._at_once, rows)


class Inserting:
    """Inserts many rows, of these columns."""

    def __init__(self, model: type[Base], columns: Sequence[str]) -> None:
        self._names = tuple(columns)
        table = _table(model)
        self._singly = Prepared(insert(table).values({name: given(name) for name in columns}))
        rows = _from_arrays({name: table.c[name] for name in columns})
        self._at_once = Prepared(insert(table).from_select(self._names, select(*rows.c)))

    def run(self, session: Session, rows: Sequence[Row]) -> None:
        _run(session, self._names, self._singly, self._at_once, rows)


def _run(session: Session, names: Sequence[str], singly: Prepared, at_once: Prepared, rows: Sequence[Row]) -> None:
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        singly.run_all(session, rows)
    else:
        at_once.ask(session, **{name: [row[name] for row in rows] for name in names})


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _from_arrays(columns: Mapping[str, ColumnElement[Any]]) -> TableValuedAlias:
    arrays = [bindparam(name, None, type_=ARRAY(column.type)) for name, column in columns.items()]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
