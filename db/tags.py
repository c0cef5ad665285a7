"""Questions about the tags of posts."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post, PostTag

_AT_ONCE = 500


def put(session: Session, post_id: int, tags: Mapping[str, str]) -> None:
    """The tags of a post from now on: the slug of each with its name."""
    session.execute(delete(PostTag).where(PostTag.post_id == post_id))
    if tags:
        session.execute(insert(PostTag), [{"post_id": post_id, "tag": tag, "name": tags[tag]} for tag in sorted(tags)])


def names_of_post(session: Session, post_id: int) -> dict[str, str]:
    """The slug of each tag with its name, by name."""
    mine = select(PostTag.tag, PostTag.name).where(PostTag.post_id == post_id).order_by(PostTag.name)
    return dict(session.execute(mine).all())


def of_posts(session: Session, post_ids: Sequence[int]) -> set[str]:
    """The slugs of all tags that any of these posts has."""
    found: set[str] = set()
    for begin in range(0, len(post_ids), _AT_ONCE):
        some = PostTag.post_id.in_(post_ids[begin : begin + _AT_ONCE])
        found.update(session.scalars(select(PostTag.tag).where(some).distinct()))
    return found


def of_series(session: Session, series_id: int) -> set[str]:
    """The slugs of all tags of a series' posts that are out."""
    out = (Post.series_id == series_id, Post.state == PostState.released)
    return set(session.scalars(select(PostTag.tag).join(Post, Post.id == PostTag.post_id).where(*out).distinct()))


def every(session: Session) -> set[str]:
    """The slugs of all tags of posts that are out."""
    return set(
        session.scalars(
            select(PostTag.tag)
            .join(Post, Post.id == PostTag.post_id)
            .where(Post.state == PostState.released)
            .distinct()
        )
    )


def name_of(session: Session, tag: str) -> str | None:
    """The tag as its newest post that is out writes it; None when no post that is out has it."""
    out = select(Post.id).where(Post.id == PostTag.post_id, Post.state == PostState.released).correlate(PostTag)
    named = select(PostTag.name).where(PostTag.tag == tag, out.exists())
    return session.scalar(named.order_by(PostTag.post_id.desc()).limit(1))
