"""Which post stands behind a seq, out or to come."""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post
from scheduler.foresight import Coming, last_seqs
from scheduler.outlook import Stretches


@dataclass(frozen=True)
class Known:
    """A post with the words it has now; `due_at` when it is to come."""

    post_id: int
    revision_id: int
    slug: str
    due_at: datetime | None = None


class KnownPosts:
    """Posts by series and seq."""

    def __init__(self, found: Mapping[tuple[int, int], Known]) -> None:
        self._found = found
        self._seqs: dict[int, list[int]] = {}
        for series_id, seq in sorted(found):
            self._seqs.setdefault(series_id, []).append(seq)

    def due_at(self, series_id: int, seq: int) -> datetime | None:
        """When one to come comes out."""
        found = self._found.get((series_id, seq))
        return found.due_at if found else None

    def carried(self, stretches: Stretches) -> list[Known]:
        """The posts of these stretches, in order; one that was taken back leaves a hole."""
        found: list[Known] = []
        for series_id, after, upto in stretches:
            seqs = self._seqs.get(series_id, [])
            within = seqs[bisect_right(seqs, after) : bisect_right(seqs, upto)]
            found += [self._found[series_id, seq] for seq in within]
        return found


def known_posts(session: Session, coming: Collection[Coming], carried: Collection[tuple[int, int, int]]) -> KnownPosts:
    """The posts of these stretches that are out, and all to come, which get seqs in their order."""
    lowest: dict[int, int] = {}
    for series_id, after, _ in carried:
        lowest[series_id] = min(after, lowest.get(series_id, after))
    found: dict[tuple[int, int], Known] = {}
    for series_id, after in lowest.items():
        out = (Post.series_id == series_id, Post.seq > after, Post.state == PostState.released)
        for post in session.scalars(select(Post).where(*out)):
            if post.seq is not None and post.revision_id is not None:
                found[series_id, post.seq] = Known(post.id, post.revision_id, post.slug)
    seqs = last_seqs(session)
    for one in coming:
        seqs[one.series_id] += 1
        found[one.series_id, seqs[one.series_id]] = Known(one.post_id, one.revision_id, one.slug, one.due_at)
    return KnownPosts(found)
