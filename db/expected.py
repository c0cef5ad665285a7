"""What readers should find published, asked of posts and their revisions: not of what a publisher keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db import published
from db.published import File
from db.states import PostState
from db.tables import Fragment, Post, Release, Revision, Series, SeriesMove

_AT_ONCE = 500


class Out(NamedTuple):
    """A post with when it came out, or will; `silent` where an import of the past released it."""

    post: Post
    series: Series
    released_at: datetime
    release_id: int
    silent: bool


def released(session: Session) -> list[Out]:
    """Every post that is out, in a series that is not retired; series by series, in the order of seq."""
    statement = (
        select(Post, Series, Release.released_at, Release.id, Release.silent)
        .join(Series, Series.id == Post.series_id)
        .join(Release, Release.post_id == Post.id)
        .where(Post.state == PostState.released, Series.retired_at.is_(None))
        .order_by(Post.series_id, Post.seq)
    )
    return [Out._make(row) for row in session.execute(statement)]


def released_at(session: Session, post_id: int) -> datetime | None:
    """When a post came out; None for one that never did."""
    return session.scalar(select(Release.released_at).where(Release.post_id == post_id))


def planned(session: Session, series_id: int, *, until: datetime) -> list[Post]:
    """The posts of a series that the plan has by `until`, in the order in which they will come out."""
    due = (Post.series_id == series_id, Post.state == PostState.planned, Post.due_at <= until)
    return list(session.scalars(select(Post).where(*due).order_by(Post.due_at, Post.position, Post.id)))


def secret(session: Session) -> list[tuple[str, str, str]]:
    """Of each post that readers must not know: its entry id, its slug and that of its series."""
    statement = (
        select(Post.entry_id, Post.slug, Series.slug)
        .join(Series, Series.id == Post.series_id)
        .where(Post.state.in_((PostState.draft, PostState.planned)))
    )
    return [(entry_id, slug, series) for entry_id, slug, series in session.execute(statement)]


def withdrawn(session: Session) -> set[str]:
    """The entry ids of all posts that were taken back."""
    return set(session.scalars(select(Post.entry_id).where(Post.state == PostState.withdrawn)))


def revisions(session: Session, post_ids: Sequence[int]) -> dict[int, list[Revision]]:
    """Every state that the words of these posts have had, the oldest first."""
    found: dict[int, list[Revision]] = {post_id: [] for post_id in post_ids}
    for begin in range(0, len(post_ids), _AT_ONCE):
        some = Revision.post_id.in_(post_ids[begin : begin + _AT_ONCE])
        for revision in session.scalars(select(Revision).where(some).order_by(Revision.post_id, Revision.number)):
            found[revision.post_id].append(revision)
    return found


def files(session: Session, revision_ids: Sequence[int]) -> Mapping[int, Mapping[str, File]]:
    """As `published.files`, for any number of revisions."""
    found: dict[int, dict[str, File]] = {}
    for begin in range(0, len(revision_ids), _AT_ONCE):
        found |= published.files(session, revision_ids[begin : begin + _AT_ONCE])
    return found


def kept_entries(session: Session, post_ids: Sequence[int]) -> dict[int, tuple[str, bytes]]:
    """The Atom entries of posts as a publisher encoded them last, each with its key."""
    found: dict[int, tuple[str, bytes]] = {}
    for begin in range(0, len(post_ids), _AT_ONCE):
        found |= published.fragments(session, post_ids[begin : begin + _AT_ONCE], form="atom", mixed=False)
    return found


def former_slugs(session: Session) -> dict[str, str]:
    """The slugs that series have no more, each with the one that took its place; "" where the series is retired."""
    moved = select(SeriesMove.slug, Series.slug, Series.retired_at).join(Series, Series.id == SeriesMove.series_id)
    found = {old: "" if retired else new for old, new, retired in session.execute(moved)}
    retired = session.scalars(select(Series.slug).where(Series.retired_at.is_not(None)))
    return found | dict.fromkeys(retired, "")


def forget_fragments(session: Session) -> None:
    """Have every entry encoded anew when it is next published."""
    session.execute(delete(Fragment))
