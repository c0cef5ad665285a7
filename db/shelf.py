"""All posts over all series as operators look for them: by series, by state, by words; a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from db import search
from db.states import PostState
from db.tables import Post, Release, Revision, Series


class Shown(StrEnum):
    """What an operator may ask for: a held post is one that would wait, did its series not stand still."""

    draft = "draft"
    waiting = "waiting"
    held = "held"
    released = "released"
    withdrawn = "withdrawn"


class Shelved(NamedTuple):
    """A post with the words it has now, its moment, and when they last changed.

    `place` stands for it in the order of pages.
    """

    place: int
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
    due_at: datetime | None
    released_at: datetime | None
    withdrawn_at: datetime | None
    actor: str | None
    changed_at: datetime

    @property
    def moment(self) -> datetime | None:
        """When it came out, or will."""
        return self.released_at or self.due_at

    @property
    def is_out(self) -> bool:
        return self.state == PostState.released

    def is_late(self, now: datetime) -> bool:
        """Whether it should be out and is not."""
        return self.state == PostState.planned and self.due_at is not None and self.due_at <= now


@dataclass(frozen=True)
class Sought:
    """Which posts are meant; what is empty narrows nothing."""

    series_id: int | None = None
    shown: Shown | None = None
    words: str = ""


def page(session: Session, sought: Sought, *, limit: int, below: int | None = None) -> list[Shelved]:
    """The posts whose words changed last come first; `below` is the `place` of the last one seen."""
    statement = _narrowed(session, select(*_COLUMNS), sought).order_by(Post.revision_id.desc()).limit(limit)
    if below is not None:
        statement = statement.where(Post.revision_id < below)
    return [Shelved._make(row) for row in session.execute(statement)]


def counts(session: Session, series_id: int | None = None) -> dict[Shown, int]:
    """How many posts there are of each kind."""
    kinds = select(Post.state, Series.held_at.is_not(None), func.count()).join(Series, Series.id == Post.series_id)
    if series_id is not None:
        kinds = kinds.where(Post.series_id == series_id)
    found = dict.fromkeys(Shown, 0)
    for state, held, count in session.execute(kinds.group_by(Post.state, Series.held_at.is_not(None))):
        found[_kind(state, held=bool(held))] += count
    return found


def _kind(state: str, *, held: bool) -> Shown:
    if state == PostState.planned:
        return Shown.held if held else Shown.waiting
    return Shown(state)


def _narrowed(session: Session, statement: Select[Any], sought: Sought) -> Select[Any]:
    statement = (
        statement.select_from(Post)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Series, Series.id == Post.series_id)
        .outerjoin(Release, Release.post_id == Post.id)
    )
    if sought.series_id is not None:
        statement = statement.where(Post.series_id == sought.series_id)
    if sought.shown is not None:
        statement = statement.where(*_KINDS[sought.shown])
    if sought.words.strip():
        statement = statement.where(_said(session, sought.words.strip()))
    return statement


def _said(session: Session, asked: str) -> ColumnElement[bool]:
    """In the words of a post, or as its number or slug."""
    named: list[ColumnElement[bool]] = [Post.number == asked, Post.slug == asked.lower()]
    words = search.among_current(session, asked)
    return or_(*named) if words is None else or_(words, *named)


_COLUMNS: tuple[Any, ...] = (
    Post.revision_id, Series.id, Series.slug, Series.title, Series.zone, Series.held_at, Post.slug, Post.number,
    Revision.title, Post.state, Post.pinned, Post.due_at, Release.released_at, Post.withdrawn_at, Revision.actor,
    Revision.created_at,
)  # fmt: skip
_KINDS: dict[Shown, Sequence[ColumnElement[bool]]] = {
    Shown.draft: (Post.state == PostState.draft,),
    Shown.waiting: (Post.state == PostState.planned, Series.held_at.is_(None)),
    Shown.held: (Post.state == PostState.planned, Series.held_at.is_not(None)),
    Shown.released: (Post.state == PostState.released,),
    Shown.withdrawn: (Post.state == PostState.withdrawn,),
}
