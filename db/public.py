"""What the public may see. Of a planned post that is its date and number, and those only where its series announces."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from db import expected, tags
from db.posts import media_of
from db.states import PostState
from db.tables import Media, Post, Release, Revision, RevisionMedia, Series


@dataclass(frozen=True)
class Chapter:
    """A released post as a table of contents names it."""

    slug: str
    number: str | None
    title: str
    summary: str
    released_at: datetime


@dataclass(frozen=True)
class Announced:
    """All that may be known of a planned post."""

    number: str | None
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SeriesCard:
    """A series with its newest chapters, the last released first; `coming` is the next announced one."""

    series: Series
    newest: tuple[Chapter, ...]
    coming: Announced | None


@dataclass(frozen=True, kw_only=True)
class SeriesPage:
    """A series with its chapters, released and announced together, in the order of its plan."""

    series: Series
    chapters: tuple[Chapter | Announced, ...]
    coming: Announced | None


@dataclass(frozen=True, kw_only=True)
class PostPage:
    """A released post with its words; `media` maps the paths in its Markdown to the digests of the files.

    `tags` maps the slug of each to its name.
    """

    series: Series
    post: Post
    words: Revision
    released_at: datetime
    media: dict[str, str]
    previous: Chapter | None
    following: Chapter | None
    coming: Announced | None
    tags: dict[str, str]


@dataclass(frozen=True)
class MediaFile:
    content_type: str
    body: bytes


def site(session: Session, now: datetime, *, newest: int = 3) -> list[SeriesCard]:
    """All series, the one that released last first; three queries however many there are."""
    chapters = _newest(session, newest)
    coming = _coming(session, now)
    cards = [
        SeriesCard(series=row, newest=tuple(chapters.get(row.id, ())), coming=coming.get(row.id))
        for row in session.scalars(_kept().order_by(Series.title, Series.id))
    ]
    released = [card for card in cards if card.newest]
    released.sort(key=lambda card: card.newest[0].released_at, reverse=True)
    return released + [card for card in cards if not card.newest]


def series_page(session: Session, slug: str, now: datetime) -> SeriesPage | None:
    """None when there is no such series."""
    series = session.scalar(_kept().where(Series.slug == slug))
    if series is None:
        return None
    placed: list[tuple[int, int, Chapter | Announced]] = []
    released = _chapters(Post.position, Post.id).where(Post.series_id == series.id)
    placed += [(position, key, Chapter(*row)) for position, key, *row in session.execute(released)]
    planned = _announced(Post.position, Post.id).where(Post.series_id == series.id)
    placed += [(position, key, Announced(*row)) for position, key, *row in session.execute(planned)]
    placed.sort(key=lambda place: place[:2])
    chapters = tuple(chapter for _, _, chapter in placed)
    return SeriesPage(series=series, chapters=chapters, coming=_first_after(now, chapters))


def post_page(session: Session, series_slug: str, post_slug: str, *, now: datetime) -> PostPage | None:
    """None unless this post is released now."""
    statement = (
        select(Series, Post, Revision, Release.released_at)
        .join(Post, Post.series_id == Series.id)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
        .where(Series.slug == series_slug, Post.slug == post_slug, Post.state == PostState.released)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        return None
    series, post, words, released_at = found
    following = _beside(session, series.id, Post.seq > post.seq, order=Post.seq.asc())
    return PostPage(
        series=series,
        post=post,
        words=words,
        released_at=released_at,
        media=media_of(session, [words.id])[words.id],
        previous=_beside(session, series.id, Post.seq < post.seq, order=Post.seq.desc()),
        following=following,
        coming=None if following else _coming(session, now, series.id).get(series.id),
        tags=tags.names_of_post(session, post.id),
    )


def as_if_out(session: Session, series: Series, post: Post, words: Revision, *, now: datetime) -> PostPage:
    """The page of a post whatever its state, for operators: one that is not out yet comes after all that is."""
    released_at = expected.released_at(session, post.id)
    before = Post.seq.is_not(None) if post.seq is None else Post.seq < post.seq
    following = None if post.seq is None else _beside(session, series.id, Post.seq > post.seq, order=Post.seq.asc())
    return PostPage(
        series=series,
        post=post,
        words=words,
        released_at=released_at or post.due_at or now,
        media=media_of(session, [words.id])[words.id],
        previous=_beside(session, series.id, before, order=Post.seq.desc()),
        following=following,
        coming=None,
        tags=tags.names_of_post(session, post.id),
    )


def is_gone(session: Session, series_slug: str, post_slug: str) -> bool:
    """Whether a post was public at this address and was withdrawn.

    One withdrawn before its release never was public, and its address must not tell that it was planned.
    """
    statement = (
        select(Release.id)
        .join(Post, Post.id == Release.post_id)
        .join(Series, Series.id == Post.series_id)
        .where(Series.slug == series_slug, Post.slug == post_slug, Post.state == PostState.withdrawn)
    )
    return session.scalar(statement) is not None


def media_file(session: Session, digest: str, name: str) -> MediaFile | None:
    """A file that a released post uses now, under the path it writes or the last part of that path."""
    named = or_(RevisionMedia.path == name, RevisionMedia.path.endswith(f"/{name}", autoescape=True))
    statement = (
        select(Media.content_type, Media.body)
        .join(RevisionMedia, RevisionMedia.media_id == Media.id)
        .join(Post, Post.revision_id == RevisionMedia.revision_id)
        .where(Media.digest == digest, named, Post.state == PostState.released)
        .limit(1)
    )
    found = session.execute(statement).one_or_none()
    return None if found is None else MediaFile(*found)


def _kept() -> Select[Series]:
    """Series that are not retired."""
    return select(Series).where(Series.retired_at.is_(None))


def _chapters(*first: ColumnElement[Any] | Any) -> Select[Any]:  # noqa: ANN401 - mapped columns of any type
    """Released posts: the columns asked for, then those of a Chapter."""
    return (
        select(*first, Post.slug, Post.number, Revision.title, Revision.summary, Release.released_at)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
        .where(Post.state == PostState.released)
    )


def _announced(*first: ColumnElement[Any] | Any) -> Select[Any]:  # noqa: ANN401 - mapped columns of any type
    """Planned posts of series that announce: the columns asked for, then those of an Announced.

    Titles and slugs are not even selected. A held series announces nothing, as its dates are not kept.
    """
    announces = and_(Series.announces, Series.held_at.is_(None))
    return (
        select(*first, Post.number, Post.due_at)
        .join(Series, Series.id == Post.series_id)
        .where(Post.state == PostState.planned, Post.due_at.is_not(None), announces)
    )


def _beside(
    session: Session, series_id: int, side: ColumnElement[bool], *, order: ColumnElement[Any]
) -> Chapter | None:
    statement = _chapters().where(Post.series_id == series_id, side).order_by(order).limit(1)
    row = session.execute(statement).one_or_none()
    return None if row is None else Chapter(*row)


def _newest(session: Session, limit: int) -> dict[int, list[Chapter]]:
    rank = func.row_number().over(partition_by=Post.series_id, order_by=Post.seq.desc())
    ranked = _chapters(Post.series_id.label("series_id"), rank.label("rank")).subquery()
    found: dict[int, list[Chapter]] = {}
    statement = select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.series_id, ranked.c.rank)
    for series_id, _, *row in session.execute(statement):
        found.setdefault(series_id, []).append(Chapter(*row))
    return found


def _coming(session: Session, now: datetime, series_id: int | None = None) -> dict[int, Announced]:
    """Per series the next announced post."""
    order = (Post.due_at, Post.position, Post.id)
    rank = func.row_number().over(partition_by=Post.series_id, order_by=order)
    planned = _announced(Post.series_id.label("series_id"), rank.label("rank")).where(Post.due_at > now)
    if series_id is not None:
        planned = planned.where(Post.series_id == series_id)
    ranked = planned.subquery()
    rows = session.execute(select(ranked).where(ranked.c.rank == 1))
    return {series_id: Announced(*row) for series_id, _, *row in rows}


def _first_after(now: datetime, chapters: Iterable[Chapter | Announced]) -> Announced | None:
    coming = [chapter for chapter in chapters if isinstance(chapter, Announced) and chapter.due_at > now]
    return min(coming, key=lambda chapter: chapter.due_at, default=None)
