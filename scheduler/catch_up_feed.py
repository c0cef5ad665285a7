"""What a catch-up feed holds at a moment: a pure function of what was asked of it, of what is out, and of now."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from db.catch_up_feeds import Out
from db.tables import CatchUpFeed
from feeds.catch_up import Had, Holding
from feeds.head import Deleted
from scheduler.cadence import Cadence, slots
from timing.wall import to_instant, to_wall

_MARGIN = timedelta(days=1)
"""More than clocks are ever set back."""


@dataclass(frozen=True)
class Stretch:
    """A pace with `posts` posts a step, or a pause in it: after `since`, until the next stretch begins."""

    since: datetime
    pace: Cadence
    posts: int = 1
    paused: bool = False

    def to_json(self) -> dict[str, Any]:
        since = self.since.isoformat()
        return {"since": since, "pace": self.pace.to_json(), "posts": self.posts, "paused": self.paused}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Stretch":
        since = datetime.fromisoformat(values["since"])
        return cls(since, Cadence.from_json(values["pace"]), values["posts"], values["paused"])


class Step(NamedTuple):
    """A moment at which the feed is given so many posts."""

    at: datetime
    posts: int

    def to_json(self) -> dict[str, Any]:
        return {"at": self.at.isoformat(), "posts": self.posts}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Step":
        return cls(datetime.fromisoformat(values["at"]), values["posts"])


@dataclass(frozen=True, kw_only=True)
class Course:
    """All that was asked of a feed: the seq after which it begins, its stretches, the first of which starts it, and
    the steps that were wanted at once. Slots are wall times in `zone`.
    """

    zone: str
    after: int
    stretches: tuple[Stretch, ...]
    asked: tuple[Step, ...] = ()

    @property
    def start(self) -> datetime:
        return self.stretches[0].since


def course_of(feed: CatchUpFeed) -> Course:
    return Course(
        zone=feed.zone,
        after=feed.after,
        stretches=tuple(map(Stretch.from_json, feed.stretches)),
        asked=tuple(map(Step.from_json, feed.asked)),
    )


class Given(NamedTuple):
    """A post and the instant since which the feed has it, which is the reader's own publishing date of it."""

    post: Out
    due: datetime


@dataclass(frozen=True)
class Reached:
    """How far a feed is: what it was given, in order, with dues that never decrease; when the next step is due, None
    if none is planned; when it joined the live run, if it has.

    What was withdrawn before its turn is given beside the post that came in its stead, so that it has its place if it
    is ever restored.
    """

    given: tuple[Given, ...] = ()
    next_due: datetime | None = None
    joined_at: datetime | None = None

    @property
    def shown(self) -> list[Given]:
        """What the feed has to show, in order."""
        return [one for one in self.given if one.post.withdrawn_at is None]

    @property
    def gone(self) -> list[Out]:
        """What it has shown and was withdrawn since."""
        return [one.post for one in self.given if one.post.withdrawn_at is not None and one.post.withdrawn_at > one.due]


def reached(course: Course, posts: Iterable[Out], *, now: datetime) -> Reached:
    """How far a feed is by now, of the posts of its series in the order of seq.

    Each step gives the next posts that are out by then. Once a step, or the start, has left nothing behind, the feed is
    live for good: all further posts are due as they come out.
    """
    if now < course.start:
        return Reached()
    waiting = deque(_there(posts, after=course.after, now=now))
    given: list[Given] = []
    if not _behind(waiting, course.start):
        return _joined(given, waiting, course.start)
    for step in _steps(course):
        if step.at > now:
            return Reached(tuple(given), next_due=step.at)
        given += _taken(waiting, step)
        if not _behind(waiting, step.at):
            return _joined(given, waiting, step.at)
    return Reached(tuple(given))


def holding_of(far: Reached) -> Holding:
    """The same, as the document of the feed needs it."""
    return Holding(
        had=[Had(one.post.post_id, one.due) for one in far.shown],
        gone=[Deleted(one.withdrawn_at, one.entry_id) for one in far.gone if one.withdrawn_at is not None],
        live_since=far.joined_at,
        changed=max((until for one in far.given for _, until in one.post.away), default=None),
    )


def _there(posts: Iterable[Out], *, after: int, now: datetime) -> list[Out]:
    """The posts of the feed that are out by now, each at the earliest with the one before: the order is that of seq."""
    wanted = [post for post in posts if post.seq > after and post.out_at <= now]
    out_at = accumulate((post.out_at for post in wanted), max)
    return [post._replace(out_at=at) for post, at in zip(wanted, out_at, strict=True)]


def _behind(waiting: Iterable[Out], at: datetime) -> bool:
    """Whether something is out at this moment that the feed has not been given."""
    return any(post.out_at <= at and not _is_away(post, at) for post in waiting)


def _taken(waiting: deque[Out], step: Step) -> Iterator[Given]:
    left = step.posts
    while left and waiting and waiting[0].out_at <= step.at:
        post = waiting.popleft()
        yield Given(post, step.at)
        left -= not _is_away(post, step.at)


def _joined(given: Sequence[Given], waiting: Iterable[Out], at: datetime) -> Reached:
    live = [Given(post, max(post.out_at, at)) for post in waiting]
    return Reached((*given, *live), joined_at=at)


def _is_away(post: Out, at: datetime) -> bool:
    if post.withdrawn_at is not None and post.withdrawn_at <= at:
        return True
    return any(since <= at < until for since, until in post.away)


def _steps(course: Course) -> Iterator[Step]:
    ends: list[datetime | None] = [later.since for _, later in pairwise(course.stretches)]
    paced = (_slots(course.zone, stretch, end) for stretch, end in zip(course.stretches, [*ends, None], strict=True))
    return merge((step for one in paced for step in one), course.asked)


def _slots(zone: str, stretch: Stretch, end: datetime | None) -> Iterator[Step]:
    """After `since`, up to the end: what was asked at a moment changes nothing that was due by then."""
    if stretch.paused:
        return
    walls = slots(stretch.pace, after=to_wall(stretch.since, zone) - _MARGIN)
    for at in accumulate((to_instant(wall, zone) for wall in walls), max):
        if end is not None and at > end:
            return
        if at > stretch.since:
            yield Step(at, stretch.posts)
