"""Lists of released posts over all series: by tag, by month, for maps of the site. Nothing planned is in them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post, PostTag, Release, Revision, Series


@dataclass(frozen=True)
class Listed:
    """A released post as a list over several series names it."""

    series: str
    series_title: str
    language: str
    zone: str
    slug: str
    number: str | None
    title: str
    summary: str
    released_at: datetime


class Tagged(NamedTuple):
    """A tag by its slug, its name as it was written last, and how many posts that are out have it."""

    tag: str
    name: str
    posts: int


class Mapped(NamedTuple):
    """A post for a map of the site; `changed_at` is when its page last changed."""

    series: str
    slug: str
    changed_at: datetime


def with_tag(session: Session, tag: str) -> list[Listed]:
    """The newest first."""
    has = select(PostTag.post_id).where(PostTag.tag == tag)
    return _listed(session, Post.id.in_(has))


def between(session: Session, begin: datetime, end: datetime) -> list[Listed]:
    """What was released from one instant until another, the newest first."""
    return _listed(session, Release.released_at >= begin, Release.released_at < end)


def by_ids(session: Session, ids: list[int]) -> list[Listed]:
    """Posts in the order of their ids here; those that are not out, or not any more, are left out."""
    rows = session.execute(_out(Post.id, *_COLUMNS).where(Post.id.in_(ids)))
    found = {key: Listed(*row) for key, *row in rows}
    return [found[key] for key in ids if key in found]


def months(session: Session, local: Callable[[datetime], datetime]) -> Counter[date]:
    """How many posts came out in each month, named by its first day; `local` gives the wall time of an instant."""
    return Counter(
        local(released_at).date().replace(day=1) for released_at in session.scalars(_out(Release.released_at))
    )


def tags(session: Session, *, limit: int | None = None) -> list[Tagged]:
    """All tags of posts that are out, the most used first."""
    count = func.count()
    found = session.execute(
        _out(PostTag.tag, func.max(PostTag.name), count)
        .join(PostTag, PostTag.post_id == Post.id)
        .group_by(PostTag.tag)
        .order_by(count.desc(), PostTag.tag)
        .limit(limit)
    )
    return [Tagged(*row) for row in found]


def map_of_posts(session: Session, *, limit: int) -> list[Mapped]:
    """The newest first."""
    rows = session.execute(
        _out(Series.slug, Post.slug, Release.released_at, Revision.created_at)
        .order_by(Release.released_at.desc(), Release.id.desc())
        .limit(limit)
    )
    # Words written long before the release were not there to be seen until then.
    return [Mapped(series, slug, max(released_at, worded_at)) for series, slug, released_at, worded_at in rows]


_COLUMNS = (
    Series.slug,
    Series.title,
    Series.language,
    Series.zone,
    Post.slug,
    Post.number,
    Revision.title,
    Revision.summary,
    Release.released_at,
)


def _out(*columns: ColumnElement[Any] | Any) -> Select[Any]:  # noqa: ANN401 - mapped columns of any type
    """Columns of posts that are out, with the words they have now, in series that are not retired."""
    return (
        select(*columns)
        .select_from(Post)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
        .where(Post.state == PostState.released, Series.retired_at.is_(None))
    )


def _listed(session: Session, *where: ColumnElement[bool]) -> list[Listed]:
    newest_first = _out(*_COLUMNS).where(*where).order_by(Release.released_at.desc(), Release.id.desc())
    return [Listed(*row) for row in session.execute(newest_first)]
