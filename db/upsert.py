"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both have and SQLAlchemy spells per dialect."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.tables import Base


def upserting(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into a table to which `.on_conflict_do_…` can be said, in the dialect of the session."""
    table = model.__table__
    assert isinstance(table, Table)
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_missing(session: Session, model: type[Base], row: dict[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is taken; says whether it was."""
    statement = upserting(session, model).values(row).on_conflict_do_nothing()
    # Without the option an INSERT that returns its new key, as on PostgreSQL, forgets how many rows there were.
    counted = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(counted).rowcount == 1


def insert_all_missing(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert each row unless one of its unique keys is taken. All rows name the same columns."""
    if rows:
        session.connection().execute(upserting(session, model).on_conflict_do_nothing(), rows)
