"""From the address of a post, or from what a form says of it, to the post."""

from sqlalchemy.orm import Session

from db import posts
from db import series as all_series
from db.errors import PostNotFound, SeriesNotFound
from db.posts import Written
from db.tables import Post, Series


def found(session: Session, series: str, slug: str, *, post_id: str = "") -> tuple[Series, Written]:
    """A post by its address; by its id where the address is another one since a form was sent to somebody.

    Raises SeriesNotFound or PostNotFound.
    """
    try:
        row = all_series.by_slug(session, series)
        return row, posts.by_slug(session, row, slug)
    except (SeriesNotFound, PostNotFound):
        known = post_id.isascii() and post_id.isdecimal() and len(post_id) < 19
        moved = session.get(Post, int(post_id)) if known else None
        if moved is None:
            raise
        row = session.get_one(Series, moved.series_id)
        return row, posts.by_slug(session, row, moved.slug)
