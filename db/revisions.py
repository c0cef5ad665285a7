"""Questions about the states that the words of a post have had."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import Revision


class Noted(NamedTuple):
    """A revision without its body; `length` counts the characters of that. `actor` is None where nobody noted it."""

    number: int
    title: str
    actor: str | None
    significant: bool
    length: int
    created_at: datetime


def of_post(session: Session, post_id: int) -> list[Noted]:
    """The newest first."""
    columns = (
        Revision.number, Revision.title, Revision.actor, Revision.significant, func.length(Revision.body),
        Revision.created_at,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(Revision.post_id == post_id).order_by(Revision.number.desc()))
    return [Noted(*row) for row in rows]


def numbered(session: Session, post_id: int, number: int) -> Revision | None:
    return session.scalar(select(Revision).where(Revision.post_id == post_id, Revision.number == number))


def last_number(session: Session, post_id: int) -> int:
    """0 for a post without words."""
    return session.scalar(select(func.max(Revision.number)).where(Revision.post_id == post_id)) or 0
