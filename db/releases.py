"""Writing releases, and asking what was released."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import PostState
from db.tables import Post, Release, Series


class Due(NamedTuple):
    """A post to release: what its release and the words about it need."""

    post_id: int
    series_id: int
    slug: str
    number: str | None
    due_at: datetime


class Numbered(NamedTuple):
    """A due post with the seq that its release gave it, and how late that was."""

    due: Due
    seq: int
    lateness_ms: int


def locked(session: Session, series_ids: Sequence[int]) -> dict[int, Series]:
    """Of these series those that are not held and that no other transaction has, their rows locked; by id.

    Read afresh: what the session remembers of them may be older than the lock.
    """
    statement = select(Series).where(Series.id.in_(series_ids), Series.held_at.is_(None)).order_by(Series.id)
    locking = statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return {series.id: series for series in session.scalars(locking)}


def waiting_since(session: Session, series_ids: Sequence[int], *, now: datetime) -> dict[int, datetime]:
    """For each of these series that has a post due, since when one has been due: wherever it stands in the plan."""
    since = select(Post.series_id, func.min(Post.due_at)).where(*_due(series_ids, now)).group_by(Post.series_id)
    return {series_id: due_at for series_id, due_at in session.execute(since) if due_at is not None}


def due_posts(session: Session, series_ids: Sequence[int], *, now: datetime, limit: int) -> list[Due]:
    """The due posts of these series, locked: series after series, each in the order of its plan."""
    statement = (
        select(Post.id, Post.series_id, Post.slug, Post.number, Post.due_at)
        .where(*_due(series_ids, now))
        .order_by(Post.series_id, Post.position, Post.id)
        .limit(limit)
        .with_for_update()
    )
    rows = session.execute(statement)
    return [Due(key, series_id, slug, number, due) for key, series_id, slug, number, due in rows if due is not None]


def _due(series_ids: Sequence[int], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Post.series_id.in_(series_ids), Post.state == PostState.planned, Post.due_at <= now)


def record_all(
    session: Session, series: Mapping[int, Series], due: Sequence[Due], *, released_at: datetime
) -> list[Numbered]:
    """Give each of these posts the next seq of its series and its release row, with two statements for all of them.

    The caller holds the locks of the series' rows and of the posts, so that seq has no gap and no double.
    """
    numbered = []
    for post in due:
        of = series[post.series_id]
        of.last_seq += 1
        numbered.append(Numbered(post, of.last_seq, _late(released_at, post.due_at)))
    if not numbered:
        return []
    session.flush()
    connection = session.connection()
    connection.execute(_RELEASED, [{"post": one.due.post_id, "next_seq": one.seq} for one in numbered])
    connection.execute(insert(Release), [_row(one, released_at) for one in numbered])
    return numbered


_RELEASED = update(Post).where(Post.id == bindparam("post")).values(state=PostState.released, seq=bindparam("next_seq"))


def _row(one: Numbered, released_at: datetime) -> dict[str, object]:
    return {
        "post_id": one.due.post_id,
        "series_id": one.due.series_id,
        "seq": one.seq,
        "planned_at": one.due.due_at,
        "released_at": released_at,
        "lateness_ms": one.lateness_ms,
        "silent": False,
    }


def _late(released_at: datetime, due_at: datetime) -> int:
    return round((released_at - due_at) / timedelta(milliseconds=1))


def record(session: Session, series: Series, post: Post, *, released_at: datetime, silent: bool) -> Release | None:
    """Give a planned post the next seq and its release row. None when it is not planned any more.

    A silent one counts as released when it was due, and is noted as of `released_at`.
    The caller holds the series' row lock, so that seq has no gap and no double.
    """
    assert post.due_at is not None
    seq = series.last_seq + 1
    claimed = update(Post).where(Post.id == post.id, Post.state == PostState.planned)
    if not rows_met(session, claimed.values(state=PostState.released, seq=seq)):
        return None
    release = Release(
        post_id=post.id,
        series_id=series.id,
        seq=seq,
        planned_at=post.due_at,
        released_at=post.due_at if silent else released_at,
        lateness_ms=None if silent else _late(released_at, post.due_at),
        silent=silent,
        noted_at=released_at if silent else None,
    )
    session.add(release)
    series.last_seq = seq
    session.flush()
    return release


class Out(NamedTuple):
    """A post that is out, as people name it."""

    seq: int
    number: str | None
    slug: str


def out_of(session: Session, series_id: int) -> list[Out]:
    """The posts of a series that are out, in the order of their releases, history included."""
    statement = select(Release.seq, Post.number, Post.slug).join(Post, Post.id == Release.post_id)
    mine = (Release.series_id == series_id, Post.state == PostState.released)
    return [Out(*row) for row in session.execute(statement.where(*mine).order_by(Release.seq))]


class Owable(NamedTuple):
    """A released post that letters may carry; a `silent` one, which is history, only to who catches up."""

    series_id: int
    seq: int
    post_id: int
    revision_id: int
    silent: bool


def owable(session: Session, cuts: dict[int, int], *, after: int) -> list[Owable]:
    """Released posts of the cuts' series with after < seq ≤ cut, in order; withdrawn ones are holes."""
    statement = (
        select(Release.series_id, Release.seq, Post.id, Post.revision_id, Release.silent)
        .join(Post, Post.id == Release.post_id)
        .where(Release.series_id.in_(cuts), Release.seq > after, Post.state == PostState.released)
        .order_by(Release.series_id, Release.seq)
    )
    rows = session.execute(statement)
    return [
        Owable(series_id, seq, post_id, revision_id, silent)
        for series_id, seq, post_id, revision_id, silent in rows
        if seq <= cuts[series_id] and revision_id is not None
    ]


def all_releases(session: Session) -> Sequence[tuple[Release, Post, Series]]:
    statement = (
        select(Release, Post, Series)
        .join(Post, Post.id == Release.post_id)
        .join(Series, Series.id == Release.series_id)
        .order_by(Release.released_at, Release.series_id, Release.seq)
    )
    return [(release, post, series) for release, post, series in session.execute(statement)]
