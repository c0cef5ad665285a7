"""Books from the store."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import series as all_series
from db.states import PostState
from db.tables import Post, Release, Revision, Series
from scheduler.cadence import Cadence
from scheduler.lint.values import Book, Chapter
from scheduler.release import hold_said


def read_books(session: Session) -> list[Book]:
    """All series with their posts, by slug; two queries however many there are."""
    chapters = _chapters(session)
    return [_book(series, tuple(chapters[series.id])) for series in all_series.all_series(session)]


def _book(series: Series, chapters: tuple[Chapter, ...]) -> Book:
    settings = series.lint or {}
    return Book(
        series=series.slug,
        title=series.title,
        language=series.language,
        zone=series.zone,
        cadence=Cadence.from_json(series.cadence) if series.cadence else Cadence(),
        chapters=chapters,
        announced_count=series.announced_count,
        announced_from=series.announced_from,
        announced_until=series.announced_until,
        buffer=int(settings.get("buffer", 0)),
        off=frozenset(settings.get("off", ())),
        held=hold_said(series.held_reason or "") if series.held_at else None,
    )


def _chapters(session: Session) -> dict[int, list[Chapter]]:
    """In the order of each plan."""
    statement = (
        select(
            Post.series_id, Post.slug, Post.number, Revision.title, Revision.summary, Revision.body, Post.state,
            Post.pinned, Post.wall, Post.due_at, Release.released_at, Post.position,
        )
        .join(Revision, Revision.id == Post.revision_id)
        .outerjoin(Release, Release.post_id == Post.id)
        .order_by(Post.series_id, Post.position, Post.id)
    )  # fmt: skip
    found: dict[int, list[Chapter]] = defaultdict(list)
    for (
        series_id,
        slug,
        number,
        title,
        summary,
        body,
        state,
        pinned,
        wall,
        due_at,
        released_at,
        position,
    ) in session.execute(statement):
        found[series_id].append(
            Chapter(
                slug=slug,
                number=number,
                title=title,
                summary=summary,
                body=body,
                state=PostState(state),
                pinned=pinned,
                wall=wall,
                due_at=due_at,
                released_at=released_at,
                position=position,
            )
        )
    return found
