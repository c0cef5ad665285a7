"""What a look ahead starts from: the plan as it is now, and what of it would be held."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Post, Revision, Series
from scheduler.release import Rules, Verdict, verdict


class Coming(NamedTuple):
    """A planned post."""

    due_at: datetime
    series_id: int
    series: str
    slug: str
    title: str
    tags: list[str]
    post_id: int
    revision_id: int


class Course:
    """How far each series is at each moment to come, if each of these posts, in order, appears on time."""

    def __init__(self, last_seqs: Mapping[int, int], coming: Sequence[Coming]) -> None:
        self._last = last_seqs
        self._dues: dict[int, list[datetime]] = {}
        for post in coming:
            self._dues.setdefault(post.series_id, []).append(post.due_at)
        self._moments = sorted({post.due_at for post in coming})

    def step(self, at: datetime) -> int:
        """How many moments of release there are up to an instant: between two of them all stands still."""
        return bisect_right(self._moments, at)

    def seq(self, series_id: int, step: int) -> int:
        """The last seq of a series after so many moments."""
        begin = self._last.get(series_id, 0)
        return begin + bisect_right(self._dues.get(series_id, ()), self._moments[step - 1]) if step else begin

    def moments(self, series_id: int) -> list[datetime]:
        """When something of a series is released, in order."""
        return sorted(set(self._dues.get(series_id, ())))

    def before(self, series_id: int, at: datetime) -> int | None:
        """The step of the last release of a series before an instant; None where there is none to come before it."""
        dues = self._dues.get(series_id, ())
        earlier = bisect_left(dues, at)
        return self.step(dues[earlier - 1]) if earlier else None


def last_seqs(session: Session) -> dict[int, int]:
    """How far each series is now."""
    return dict(session.execute(select(Series.id, Series.last_seq)).all())


def would_be_held(session: Session, since: datetime, rules: Rules) -> dict[int, tuple[str, str]]:
    """By their ids, the series that have missed a post by too much: their slugs, and what was missed."""
    late = (
        select(Series.id, Series.slug, Series.missed, func.min(Post.due_at))
        .join(Post, Post.series_id == Series.id)
        .where(Post.state == PostState.planned, Series.held_at.is_(None), Post.due_at <= since)
        .group_by(Series.id, Series.slug, Series.missed)
        .order_by(Series.slug)
    )
    return {
        series_id: (slug, f"was to release a post on {due_at:%Y-%m-%d %H:%M} UTC")
        for series_id, slug, policy, due_at in session.execute(late)
        if due_at is not None and verdict(due_at, since, policy=policy, rules=rules) is not Verdict.release
    }


def coming_posts(session: Session, since: datetime, until: datetime, held: Collection[int]) -> list[Coming]:
    """What is overdue already would be released at once, so it counts as due at the beginning."""
    statement = (
        select(Post.due_at, Series.id, Series.slug, Post.slug, Revision.title, Revision.tags, Post.id, Revision.id)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.state == PostState.planned, Series.held_at.is_(None), Post.due_at <= until)
        .order_by(Post.due_at, Post.series_id, Post.position)
    )
    return [
        Coming(max(due_at, since), series_id, series, slug, title, tags, post_id, revision_id)
        for due_at, series_id, series, slug, title, tags, post_id, revision_id in session.execute(statement)
        if due_at is not None and series_id not in held
    ]
