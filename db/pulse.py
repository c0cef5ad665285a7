"""Whether anything of the plans is other than it was: a few words that are cheap to ask for again and again."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import Audit, Post, Release, Revision, Series

_SERIES = "series:"


class Pulse(NamedTuple):
    """`deed` is the id of the newest line of any plan's history; `state` says, without a meaning, how all else is."""

    deed: int
    state: str

    def __str__(self) -> str:
        return f"{self.deed}.{self.state}"


def pulse(session: Session) -> Pulse:
    """Of all series, by the ends of indexes and one look over the table of series."""
    deed = session.scalar(select(Audit.id).where(Audit.subject.startswith(_SERIES)).order_by(Audit.id.desc()).limit(1))
    ends = [session.scalar(select(func.max(table.id))) or 0 for table in (Post, Revision, Release)]
    every = select(
        func.count(Series.id), func.sum(Series.version), func.sum(Series.last_seq), func.count(Series.held_at)
    )
    counted = [int(value or 0) for value in session.execute(every).one()]
    return Pulse(deed or 0, "-".join(str(value) for value in [*ends, *counted]))


def deeds_since(session: Session, deed: int, *, limit: int) -> Sequence[Audit]:
    """What was done to plans after a line of the record, the newest first."""
    rows = select(Audit).where(Audit.id > deed, Audit.subject.startswith(_SERIES))
    return session.scalars(rows.order_by(Audit.id.desc()).limit(limit)).all()
