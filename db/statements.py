"""Running a conditional UPDATE and asking whether it met a row: how claims are made."""

from sqlalchemy import Delete, Insert, Update
from sqlalchemy.orm import Session


def rows_met(session: Session, statement: Insert | Update | Delete) -> int:
    """How many rows the statement changed."""
    session.flush()
    return session.connection().execute(statement).rowcount
