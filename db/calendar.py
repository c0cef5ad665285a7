"""What calendars show. Readers' calendars hold what is released or announced, those of operators the whole plan."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post, Release, Revision, Series


@dataclass(frozen=True)
class Announced:
    """All that readers may know of a planned post; its entry id may have words in it and is never shown.

    `changed_at` is when its moment last changed, or when the series was made: when a post was written is not said.
    """

    entry_id: str
    series_title: str
    zone: str
    number: str | None
    due_at: datetime
    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class Planned:
    """A post of the plan, as operators see it; its moment changed last, or was first given, at `moved_at`."""

    entry_id: str
    series_title: str
    zone: str
    number: str | None
    title: str
    due_at: datetime
    sequence: int
    moved_at: datetime
    worded_at: datetime
    held_at: datetime | None


@dataclass(frozen=True)
class Out:
    """A released post; `worded_at` is when its words were last changed, perhaps long before its release."""

    entry_id: str
    series_title: str
    series_slug: str
    zone: str
    number: str | None
    title: str
    slug: str
    planned_at: datetime
    released_at: datetime
    sequence: int
    worded_at: datetime


def announced(session: Session, series_id: int | None = None) -> list[Announced]:
    """Planned posts of series that announce, of one or of all. A held series announces nothing.

    Titles and slugs are not even selected.
    """
    changed = func.coalesce(Post.moved_at, Series.created_at)
    statement = (
        select(Post.entry_id, Series.title, Series.zone, Post.number)
        .add_columns(Post.due_at, Post.sequence, changed)
        .join(Series, Series.id == Post.series_id)
        .where(Post.state == PostState.planned, Post.due_at.is_not(None))
        .where(Series.announces, Series.held_at.is_(None), *_within(series_id))
    )
    return [Announced(*row) for row in session.execute(statement)]


def planned(session: Session, series_id: int | None = None) -> list[Planned]:
    """Planned posts that have a moment, of one series or of all, held ones too. For operators only."""
    moved = func.coalesce(Post.moved_at, Post.created_at)
    statement = (
        select(Post.entry_id, Series.title, Series.zone, Post.number, Revision.title, Post.due_at, Post.sequence)
        .add_columns(moved, Revision.created_at, Series.held_at)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.state == PostState.planned, Post.due_at.is_not(None), *_within(series_id))
    )
    return [Planned(*row) for row in session.execute(statement)]


def released(session: Session, series_id: int | None = None) -> list[Out]:
    """Released posts, not the withdrawn, of one series or of all."""
    statement = (
        select(Post.entry_id, Series.title, Series.slug, Series.zone, Post.number, Revision.title, Post.slug)
        .add_columns(Release.planned_at, Release.released_at, Post.sequence, Revision.created_at)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
        .where(Post.state == PostState.released, *_within(series_id))
    )
    return [Out(*row) for row in session.execute(statement)]


def _within(series_id: int | None) -> list[ColumnElement[bool]]:
    return [] if series_id is None else [Post.series_id == series_id]
