"""Statements that are asked for every letter: put together once, and run at nearly the driver's own price.

Putting one together, and giving it a place for each of its ids anew, costs more than the database takes to answer it.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    String,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from db.types import Instant

_KEPT = "fascicle_connection"


class _Ids(TypeDecorator[Collection[int]]):
    """Any number of ids in one parameter."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(BigInteger()) if dialect.name == "postgresql" else String()

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - as the base
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class _Among(FunctionElement[bool]):
    """A column, and the parameter that has the ids it may hold."""

    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002 - as the base
        """As it is: SQLAlchemy would else compare it with 1 where a database has no booleans, and no index would do."""
        return self


@compiles(_Among, "sqlite")
def _among_in_sqlite(element: _Among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as the library asks
    column, ids = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both are made by the library


@compiles(_Among, "postgresql")
def _among_in_postgresql(element: _Among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    column, ids = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY ({ids})"


def among_ids(column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - an attribute of a table, as SQLAlchemy has it
    """Whether a column holds one of the ids with which the statement is run, as `ids`."""
    return _Among(column, bindparam("ids", None, type_=_Ids()))


def given(name: str) -> BindParameter[Any]:
    """A value with which the statement is run."""
    return bindparam(name, None)


class _Ready(NamedTuple):
    """A statement in the words of one dialect; `order` where its parameters go by place instead of by name."""

    text: str
    constants: Mapping[str, Any]
    processors: Mapping[str, Callable[[Any], Any]]
    order: Sequence[str] | None

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a tuple or a dict, as the driver wants it
        """Of one run."""
        all_ = {**self.constants, **values}
        for name, process in self.processors.items():
            if name in values:
                all_[name] = process(values[name])
        return all_ if self.order is None else tuple(map(all_.__getitem__, self.order))


class Prepared:
    """One statement for all its runs. Its parameters are named where it is written, by `given` and `among_ids`.

    What it gives comes as the driver has it: for numbers and text, not for instants.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def run(self, session: Session, **values: Any) -> Sequence[Any]:  # noqa: ANN401 - what the columns hold
        """With these parameters; gives the rows, none where it has none to give."""
        return self.ask(session, **values).rows()

    def ask(self, session: Session, **values: Any) -> "Asked":  # noqa: ANN401 - as above
        """The same, for a block of `together`: the rows are there when it has ended."""
        connection = _connection_of(session)
        ready = self._for(connection.dialect)
        with _plainly(connection, ready.text):
            cursor = connection.connection.cursor()
            cursor.execute(ready.text, ready.parameters(values))
        return Asked(connection, ready.text, cursor)

    def run_all(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Once for each row of parameters."""
        connection = _connection_of(session)
        ready = self._for(connection.dialect)
        with _plainly(connection, ready.text):
            connection.connection.cursor().executemany(ready.text, [ready.parameters(row) for row in rows])

    def _for(self, dialect: Dialect) -> _Ready:
        if dialect.name not in self._ready:
            self._ready[dialect.name] = _compiled(self._statement, dialect)
        return self._ready[dialect.name]


class Asked(NamedTuple):
    """A statement that was sent."""

    connection: Connection
    text: str
    cursor: DBAPICursor

    def rows(self) -> Sequence[Any]:
        """What it gives."""
        with _plainly(self.connection, self.text):
            return self.cursor.fetchall() if self.cursor.description else []


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Statements of such a block go to PostgreSQL in one packet, and are answered in one: only those asked by `ask`.

    For others, which want their rows at once, there is no place in it.
    """
    connection = _connection_of(session)
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with _plainly(connection, "(some statements at once)"), driver.pipeline():
        yield


def _connection_of(session: Session) -> Connection:
    """That of its transaction, kept: a session takes as long to find it as a database to answer."""
    kept: tuple[SessionTransaction | None, Connection] | None = session.info.get(_KEPT)
    if kept is None or kept[0] is not session.get_transaction():
        connection = session.connection()
        kept = session.info[_KEPT] = session.get_transaction(), connection
    return kept[1]


def _compiled(statement: Executable, dialect: Dialect) -> _Ready:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
    processors = {
        name: lru_cache(maxsize=64)(process) if isinstance(bound.type, Instant) else process
        for name, bound in compiled.binds.items()  # many rows have the same instant, and it takes long to write
        if (process := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    constants = {
        name: processors[name](value) if name in processors else value for name, value in compiled.params.items()
    }
    order = tuple(compiled.positiontup) if compiled.positional else None
    return _Ready(str(compiled), constants, processors, order)


@contextmanager
def _plainly(connection: Connection, text: str) -> Iterator[None]:
    """The driver's errors are raised as SQLAlchemy would raise them, and a connection that is lost is given up."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, driver.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error
