"""Writing releases, and asking what was released."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import PostState
from db.tables import Post, Release, Series


def record(session: Session, series: Series, post: Post, *, released_at: datetime, silent: bool) -> Release | None:
    """Give a planned post the next seq and its release row. None when it is not planned any more.

    The caller holds the series' row lock, so that seq has no gap and no double.
    """
    assert post.due_at is not None
    seq = series.last_seq + 1
    claimed = update(Post).where(Post.id == post.id, Post.state == PostState.planned)
    if not rows_met(session, claimed.values(state=PostState.released, seq=seq)):
        return None
    late = None if silent else round((released_at - post.due_at).total_seconds() * 1000)
    release = Release(
        post_id=post.id,
        series_id=series.id,
        seq=seq,
        planned_at=post.due_at,
        released_at=post.due_at if silent else released_at,
        lateness_ms=late,
        silent=silent,
    )
    session.add(release)
    series.last_seq = seq
    session.flush()
    return release


class Owable(NamedTuple):
    """A released post that letters may carry."""

    series_id: int
    seq: int
    post_id: int
    revision_id: int


def owable(session: Session, cuts: dict[int, int], *, after: int) -> list[Owable]:
    """Released posts of the cuts' series with after < seq ≤ cut, in order; silent and withdrawn ones are holes."""
    statement = (
        select(Release.series_id, Release.seq, Post.id, Post.revision_id)
        .join(Post, Post.id == Release.post_id)
        .where(Release.series_id.in_(cuts), Release.seq > after, Release.silent.is_(False))
        .where(Post.state == PostState.released)
        .order_by(Release.series_id, Release.seq)
    )
    rows = session.execute(statement)
    return [
        Owable(series_id, seq, post_id, revision_id)
        for series_id, seq, post_id, revision_id in rows
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
