"""Questions about instants that were derived from zones: which stand on other rules than ours, and writing new ones."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import PostState
from db.tables import DigestHour, Post


class Derived(NamedTuple):
    """A post still to come, with the instant that was derived from its wall time, zone and version of tzdata."""

    id: int
    slug: str
    state: str
    wall: datetime
    zone: str
    due_at: datetime
    tzdata: str | None
    sequence: int


def series_not_by(session: Session, tzdata: str) -> Sequence[int]:
    """Ids of the series with posts to come whose instants another version of tzdata gave; nearly always none."""
    other = Post.tzdata.is_distinct_from(tzdata)
    statement = select(Post.series_id).where(_derived(), other).distinct().order_by(Post.series_id)
    return session.scalars(statement).all()


def derived_of(session: Session, series_id: int) -> list[Derived]:
    """The posts to come of a series that have an instant, in the order of its plan."""
    columns = (Post.id, Post.slug, Post.state, Post.wall, Post.zone, Post.due_at, Post.tzdata, Post.sequence)
    statement = select(*columns).where(Post.series_id == series_id, _derived()).order_by(Post.position, Post.id)
    return [Derived._make(row) for row in session.execute(statement)]


def derive_by(session: Session, series_id: int, tzdata: str) -> None:
    """Note that all instants to come of a series are what this version of tzdata gives."""
    statement = update(Post).where(Post.series_id == series_id, _derived()).values(tzdata=tzdata)
    session.execute(statement.execution_options(synchronize_session=False))


def move(session: Session, moves: Sequence[tuple[Derived, datetime]], *, now: datetime) -> None:
    """Give posts new instants, at `now`. The caller holds the lock of their series' row."""
    rows = [{"id": post.id, "due_at": due_at, "sequence": post.sequence + 1, "moved_at": now} for post, due_at in moves]
    if rows:
        session.execute(update(Post), rows)


def digest_hours(session: Session) -> Sequence[DigestHour]:
    return session.scalars(select(DigestHour).order_by(DigestHour.zone, DigestHour.hour)).all()


def move_digest_hour(session: Session, seen: DigestHour, *, day: date, moment: datetime) -> bool:
    """Make a digest come due at another moment; False when it is not as seen any more."""
    same = (
        DigestHour.zone == seen.zone,
        DigestHour.hour == seen.hour,
        DigestHour.next_date == seen.next_date,
        DigestHour.next_due_at == seen.next_due_at,
    )
    return rows_met(session, update(DigestHour).where(*same).values(next_date=day, next_due_at=moment)) == 1


def _derived() -> ColumnElement[bool]:
    """Was never out and has an instant: a draft, or what was withdrawn, may have one from when it was planned."""
    to_come = (PostState.planned, PostState.draft, PostState.withdrawn)
    has = (Post.wall.is_not(None), Post.zone.is_not(None), Post.due_at.is_not(None))
    return and_(Post.state.in_(to_come), Post.seq.is_(None), *has)
