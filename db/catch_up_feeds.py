"""Questions about catch-up feeds, and about the posts that they walk through."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.errors import CatchUpFeedNotFound
from db.states import PostState
from db.tables import CatchUpFeed, Post, Release, Series, Withdrawal


class Out(NamedTuple):
    """A post that came out: there since `out_at`, and withdrawn since `withdrawn_at`, if it is.

    `away` are the times, from the first moment to that of the return, in which it was withdrawn before.
    """

    post_id: int
    entry_id: str
    seq: int
    out_at: datetime
    withdrawn_at: datetime | None = None
    away: tuple[tuple[datetime, datetime], ...] = ()


def find(session: Session, feed_id: int) -> tuple[CatchUpFeed, Series] | None:
    statement = select(CatchUpFeed, Series).join(Series, Series.id == CatchUpFeed.series_id)
    row = session.execute(statement.where(CatchUpFeed.id == feed_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def by_id(session: Session, feed_id: int) -> tuple[CatchUpFeed, Series]:
    """Raises CatchUpFeedNotFound."""
    found = find(session, feed_id)
    if found is None:
        raise CatchUpFeedNotFound(feed_id)
    return found


def lock(session: Session, feed_id: int) -> tuple[CatchUpFeed, Series]:
    """As `by_id`, with the row of the feed locked until the transaction ends."""
    locked = select(CatchUpFeed).where(CatchUpFeed.id == feed_id).with_for_update()
    session.execute(locked.execution_options(populate_existing=True))
    return by_id(session, feed_id)


def every(session: Session, series_id: int | None = None) -> Sequence[tuple[CatchUpFeed, Series]]:
    """All feeds that were not revoked, or those of one series; in the order in which they were started."""
    statement = select(CatchUpFeed, Series).join(Series, Series.id == CatchUpFeed.series_id)
    if series_id is not None:
        statement = statement.where(CatchUpFeed.series_id == series_id)
    rows = session.execute(statement.where(CatchUpFeed.revoked_at.is_(None)).order_by(CatchUpFeed.id))
    return [(feed, series) for feed, series in rows]


def out(session: Session, series_id: int, *, after: int) -> list[Out]:
    """The posts of a series that came out with a seq beyond `after`, in order; history and withdrawn ones too."""
    away = _away(session, series_id)
    # What is silent was there when it was noted; where that is not known, not before it was written.
    there = func.coalesce(Release.noted_at, Post.created_at)
    statement = (
        select(Post.id, Post.entry_id, Release.seq, Release.released_at, Release.silent, there, Post.withdrawn_at)
        .join(Release, Release.post_id == Post.id)
        .where(Release.series_id == series_id, Release.seq > after)
        .where(Post.state.in_((PostState.released, PostState.withdrawn)))
        .order_by(Release.seq)
    )
    return [
        Out(post_id, entry_id, seq, max(released_at, noted) if silent else released_at, gone, away.get(post_id, ()))
        for post_id, entry_id, seq, released_at, silent, noted, gone in session.execute(statement)
    ]


def _away(session: Session, series_id: int) -> dict[int, tuple[tuple[datetime, datetime], ...]]:
    times = select(Withdrawal.post_id, Withdrawal.withdrawn_at, Withdrawal.restored_at)
    statement = times.join(Post, Post.id == Withdrawal.post_id).where(Post.series_id == series_id)
    found: dict[int, tuple[tuple[datetime, datetime], ...]] = {}
    for post_id, since, until in session.execute(statement.order_by(Withdrawal.id)):
        found[post_id] = (*found.get(post_id, ()), (since, until))
    return found
