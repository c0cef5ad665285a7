"""Where things were before they were renamed."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.tables import Post, PostMove, Series, SeriesMove


def series_once(session: Session, slug: str) -> Series | None:
    """The series that had this slug."""
    return session.scalar(
        select(Series).join(SeriesMove, SeriesMove.series_id == Series.id).where(SeriesMove.slug == slug)
    )


def post_once(session: Session, series_id: int, slug: str) -> Post | None:
    """The post of this series that had this slug."""
    moved = select(Post).join(PostMove, PostMove.post_id == Post.id)
    return session.scalar(moved.where(PostMove.series_id == series_id, PostMove.slug == slug))


def note_series(session: Session, series: Series, *, now: datetime) -> None:
    """The slug that a series has now will lead on to it; whoever had it before has lost it."""
    session.execute(delete(SeriesMove).where(SeriesMove.slug == series.slug))
    session.add(SeriesMove(slug=series.slug, series_id=series.id, moved_at=now))


def note_post(session: Session, post: Post, *, now: datetime) -> None:
    """The slug that a post has now will lead on to it."""
    former = (PostMove.series_id == post.series_id, PostMove.slug == post.slug)
    session.execute(delete(PostMove).where(*former))
    session.add(PostMove(series_id=post.series_id, slug=post.slug, post_id=post.id, moved_at=now))


def forget_series(session: Session, slug: str) -> None:
    """A slug is in use again, so that it leads nowhere else."""
    session.execute(delete(SeriesMove).where(SeriesMove.slug == slug))


def forget_post(session: Session, series_id: int, slug: str) -> None:
    session.execute(delete(PostMove).where(PostMove.series_id == series_id, PostMove.slug == slug))
