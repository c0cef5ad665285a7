"""Questions about posts and their revisions."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from db.errors import PostNotFound
from db.states import PostState
from db.tables import Media, Post, Revision, RevisionMedia, Series


class Written(NamedTuple):
    """A post with the words it has now."""

    post: Post
    words: Revision


def is_due(now: datetime) -> ColumnElement[bool]:
    """Planned for `now` or before, in a series that is not held; for queries that join Series."""
    return and_(Post.state == PostState.planned, Post.due_at <= now, Series.held_at.is_(None))


def of_series(session: Session, series_id: int) -> list[Written]:
    """All posts of a series in the order of its plan."""
    rows = session.execute(
        select(Post, Revision)
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.series_id == series_id)
        .order_by(Post.position, Post.id)
    )
    return [Written(post, words) for post, words in rows]


def by_slug(session: Session, series: Series, slug: str) -> Written:
    """Raises PostNotFound."""
    statement = (
        select(Post, Revision)
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.series_id == series.id, Post.slug == slug)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise PostNotFound(series.slug, slug)
    return Written(*row)


def has_slug(session: Session, series_id: int, slug: str) -> bool:
    return session.scalar(select(Post.id).where(Post.series_id == series_id, Post.slug == slug)) is not None


def with_ids(session: Session, entry_ids: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Entry id, slug and series of the posts that have these ids, asked for in stretches: lists in SQL are bounded."""
    columns = select(Post.entry_id, Post.slug, Post.series_id)
    for begin in range(0, len(entry_ids), 500):
        rows = session.execute(columns.where(Post.entry_id.in_(entry_ids[begin : begin + 500])))
        yield from ((entry_id, slug, series_id) for entry_id, slug, series_id in rows)


def series_with_due(session: Session, now: datetime) -> Sequence[int]:
    """Ids of the series that have a post to release, the longest waiting first."""
    statement = (
        select(Post.series_id)
        .join(Series, Series.id == Post.series_id)
        .where(is_due(now))
        .group_by(Post.series_id)
        .order_by(func.min(Post.due_at), Post.series_id)
    )
    return session.scalars(statement).all()


def due_of_series(session: Session, series_id: int, *, now: datetime, limit: int | None) -> Sequence[Post]:
    statement = (
        select(Post)
        .where(Post.series_id == series_id, Post.state == PostState.planned, Post.due_at <= now)
        .order_by(Post.position, Post.id)
        .limit(limit)
        .with_for_update()
    )
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def longest_overdue(session: Session, series_id: int, *, now: datetime) -> Post | None:
    """The post of a series that has been due for the longest time, wherever it stands in the plan."""
    due = (Post.series_id == series_id, Post.state == PostState.planned, Post.due_at <= now)
    return session.scalar(select(Post).where(*due).order_by(Post.due_at, Post.position).limit(1))


def any_due(session: Session, now: datetime) -> bool:
    statement = select(Post.id).join(Series, Series.id == Post.series_id).where(is_due(now)).limit(1)
    return session.scalar(statement) is not None


def next_due_at(session: Session) -> datetime | None:
    """When the next post of a series that is not held is due; may lie in the past."""
    statement = (
        select(Post.due_at)
        .join(Series, Series.id == Post.series_id)
        .where(Post.state == PostState.planned, Series.held_at.is_(None))
        .order_by(Post.due_at)
        .limit(1)
    )
    return session.scalar(statement)


def media_of(session: Session, revision_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Per revision: the path in its Markdown → the digest of the file."""
    found: dict[int, dict[str, str]] = {revision_id: {} for revision_id in revision_ids}
    statement = (
        select(RevisionMedia.revision_id, RevisionMedia.path, Media.digest)
        .join(Media, Media.id == RevisionMedia.media_id)
        .where(RevisionMedia.revision_id.in_(revision_ids))
    )
    for revision_id, path, digest in session.execute(statement):
        found[revision_id][path] = digest
    return found
