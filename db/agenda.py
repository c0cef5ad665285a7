"""What operators see of the plans of all series: what comes, what is late, what came out. Never for readers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post, Release, Revision, Series


class Appointment(NamedTuple):
    """A post with its moment: `wall` in the zone of its series. One that is out has the rest; history no lateness."""

    series_id: int
    series: str
    series_title: str
    zone: str
    held_at: datetime | None
    slug: str
    number: str | None
    title: str
    state: str
    pinned: bool
    wall: datetime
    due_at: datetime
    released_at: datetime | None
    lateness_ms: int | None

    @property
    def label(self) -> str:
        """What a person calls it."""
        return f"{self.number} {self.title}" if self.number else self.title

    @property
    def is_out(self) -> bool:
        return self.released_at is not None

    def is_late(self, now: datetime) -> bool:
        """Whether it should be out and is not."""
        return self.released_at is None and self.due_at <= now


def between(session: Session, begin: datetime, end: datetime, *, series_id: int | None = None) -> list[Appointment]:
    """What is planned or out from one wall time until another, each in the zone of its series, in order."""
    within = _appointments().where(Post.wall >= begin, Post.wall < end)
    if series_id is not None:
        within = within.where(Post.series_id == series_id)
    return _read(session, within.order_by(Post.wall, Series.title, Post.position))


def late(session: Session, now: datetime) -> list[Appointment]:
    """What should be out and is not, the longest waiting first; held series aside."""
    waits = (Post.state == PostState.planned, Post.due_at <= now, Series.held_at.is_(None))
    return _read(session, _appointments().where(*waits).order_by(Post.due_at, Post.position))


def coming(session: Session, now: datetime, until: datetime, *, limit: int) -> list[Appointment]:
    """What comes out after an instant and until another, the first first; held series aside."""
    waits = (Post.state == PostState.planned, Post.due_at > now, Post.due_at <= until, Series.held_at.is_(None))
    return _read(session, _appointments().where(*waits).order_by(Post.due_at, Post.position).limit(limit))


def lately(session: Session, since: datetime, *, limit: int) -> list[Appointment]:
    """What came out from an instant on, the last first; history, which came silently, is not news."""
    news = (Release.released_at >= since, Release.silent.is_(False))
    return _read(
        session, _appointments().where(*news).order_by(Release.released_at.desc(), Release.id.desc()).limit(limit)
    )


class HeldSeries(NamedTuple):
    """A series that is held, with how many of its posts are due."""

    slug: str
    title: str
    held_at: datetime
    reason: str
    due: int


def held(session: Session, now: datetime) -> list[HeldSeries]:
    waits = (Post.series_id == Series.id, Post.state == PostState.planned, Post.due_at <= now)
    due = select(func.count(Post.id)).where(*waits).correlate(Series).scalar_subquery()
    rows = session.execute(
        select(Series.slug, Series.title, Series.held_at, Series.held_reason, due)
        .where(Series.held_at.is_not(None), Series.retired_at.is_(None))
        .order_by(Series.title)
    )
    return [HeldSeries(slug, title, at, reason or "", count) for slug, title, at, reason, count in rows if at]


def kept_series(session: Session) -> Sequence[Series]:
    """Those that are not retired, by title."""
    return session.scalars(select(Series).where(Series.retired_at.is_(None)).order_by(Series.title, Series.id)).all()


def _appointments() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(Post)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .outerjoin(Release, Release.post_id == Post.id)
        .where(*_in_plan())
    )


_COLUMNS: tuple[Any, ...] = (
    Series.id, Series.slug, Series.title, Series.zone, Series.held_at, Post.slug, Post.number, Revision.title,
    Post.state, Post.pinned, Post.wall, Post.due_at, Release.released_at, Release.lateness_ms,
)  # fmt: skip


def _in_plan() -> tuple[ColumnElement[bool], ...]:
    shown = (PostState.planned, PostState.released)
    return (Post.state.in_(shown), Post.wall.is_not(None), Post.due_at.is_not(None), Series.retired_at.is_(None))


def _read(session: Session, statement: Select[Any]) -> list[Appointment]:
    return [Appointment._make(row) for row in session.execute(statement)]
