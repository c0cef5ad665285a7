"""Reading and writing the rows that a plan is kept in, and the record of who changed it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.tables import Audit, Post, Revision, Series

_AT_ONCE = 500
"""Keys in one IN list; SQLite allows some tens of thousands of parameters, PostgreSQL plans long lists slowly."""


class PlanRow(NamedTuple):
    """What a plan needs to know of a post; its words but for the title stay in the store."""

    id: int
    slug: str
    title: str
    number: str | None
    state: str
    seq: int | None
    pinned: bool
    earliest: datetime | None
    wall: datetime | None
    due_at: datetime | None


def rows(session: Session, series_id: int) -> list[PlanRow]:
    """The posts of a series: those that are out by seq, then by position."""
    statement = (
        select(
            Post.id,
            Post.slug,
            Revision.title,
            Post.number,
            Post.state,
            Post.seq,
            Post.pinned,
            Post.earliest,
            Post.wall,
            Post.due_at,
        )
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.series_id == series_id)
        .order_by(Post.seq.is_(None), Post.seq, Post.position, Post.id)
    )
    return [PlanRow._make(row) for row in session.execute(statement)]


def positions(session: Session, series_id: int) -> dict[int, int]:
    """Where the posts of a series stand in its plan, by id."""
    places = select(Post.id, Post.position).where(Post.series_id == series_id)
    return dict(session.execute(places).all())


def write(session: Session, changed: Sequence[Mapping[str, Any]]) -> None:
    """Columns of posts by `id`; all mappings have the same keys. What the session holds of posts is read anew."""
    if changed:
        session.execute(update(Post), list(changed))
        session.expire_all()


def count_moves(session: Session, post_ids: Sequence[int], *, now: datetime) -> None:
    """These posts have another moment than before."""
    for begin in range(0, len(post_ids), _AT_ONCE):
        some = post_ids[begin : begin + _AT_ONCE]
        moved = update(Post).where(Post.id.in_(some)).values(sequence=Post.sequence + 1, moved_at=now)
        session.execute(moved.execution_options(synchronize_session=False))


def move_zone(session: Session, series_id: int, zone: str) -> None:
    waiting = update(Post).where(Post.series_id == series_id, Post.seq.is_(None)).values(zone=zone)
    session.execute(waiting.execution_options(synchronize_session=False))


def claim_version(session: Session, series_id: int, version: int) -> bool:
    """Raise a series' version from the one seen; False when somebody else raised it before."""
    claimed = update(Series).where(Series.id == series_id, Series.version == version)
    return bool(rows_met(session, claimed.values(version=version + 1)))


def subject(series_id: int) -> str:
    return f"series:{series_id}"


def last_actor(session: Session, series_id: int) -> str | None:
    """Who did something to a series' plan last."""
    newest = select(Audit.actor).where(Audit.subject == subject(series_id)).order_by(Audit.id.desc()).limit(1)
    return session.scalar(newest)


def last_deed(session: Session, series_id: int) -> int:
    """The id of the newest line of a series' history; 0 for a series without one."""
    return session.scalar(select(func.max(Audit.id)).where(Audit.subject == subject(series_id))) or 0


def history(session: Session, series_id: int) -> Sequence[Audit]:
    """What was done to a series' plan, oldest first."""
    return session.scalars(select(Audit).where(Audit.subject == subject(series_id)).order_by(Audit.id)).all()
