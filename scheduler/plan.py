"""The plan: which post appears when. Pure functions of values; the store comes after (scheduler/edit/apply)."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from db.states import PostState
from scheduler.cadence import Cadence, slots
from timing.wall import instants, to_wall

T = TypeVar("T")


@dataclass(frozen=True)
class Placed:
    """A post in a plan; wall times are naive, in the zone of the series.

    `pin` is a moment of its own; without one it takes a slot of the cadence, none before `earliest`. `wall` is the
    moment that came of it and `due_at` its instant. A post with a `seq` is out, and never moves.
    """

    key: int
    slug: str
    title: str
    number: str | None
    state: str
    seq: int | None = None
    pin: datetime | None = None
    earliest: datetime | None = None
    wall: datetime | None = None
    due_at: datetime | None = None

    @property
    def label(self) -> str:
        """What a person calls it."""
        return f"{self.number} {self.title}" if self.number else self.title


@dataclass(frozen=True)
class Hold:
    at: datetime
    reason: str


@dataclass(frozen=True)
class Plan:
    """The posts of one series: those that are out by seq, the planned in their order, then those that are set aside."""

    zone: str
    cadence: Cadence
    posts: tuple[Placed, ...]
    held: Hold | None = None

    @property
    def out(self) -> list[Placed]:
        return [post for post in self.posts if post.seq is not None]

    @property
    def waiting(self) -> list[Placed]:
        return [post for post in self.posts if post.seq is None and post.state == PostState.planned]

    @property
    def aside(self) -> list[Placed]:
        """Drafts, and what was withdrawn before it came out."""
        return [post for post in self.posts if post.seq is None and post.state != PostState.planned]

    def with_waiting(self, waiting: Iterable[Placed]) -> "Plan":
        """The plan with other posts waiting; what is said of them here replaces what was said of them before."""
        waiting = list(waiting)
        named = {post.key for post in waiting}
        aside = [post for post in self.aside if post.key not in named]
        return replace(self, posts=(*self.out, *waiting, *aside))


def in_zone(plan: Plan) -> Plan:
    """The plan with the posts that are out at the wall times of its zone, whichever zone they came out in."""
    out = [replace(post, wall=to_wall(post.due_at, plan.zone)) if post.due_at else post for post in plan.out]
    return replace(plan, posts=(*out, *plan.waiting, *plan.aside))


def settle(plan: Plan, *, floor: datetime) -> Plan:
    """The plan with a moment for each post that waits, in an order that those moments agree with.

    `floor` is the wall time now: no post takes a slot at or before it, nor before the last that is out. A post that is
    due already keeps its moment: giving it a new one would hide that it is late.
    """
    waiting = plan.waiting
    fixed = {post.key: moment for post in waiting if (moment := _own_moment(post, floor)) is not None}
    latest = max([floor, *(post.wall for post in plan.out if post.wall is not None)])
    placed = assign(waiting, plan.cadence, fixed=fixed, floor=latest)
    return plan.with_waiting(with_instants(placed, plan.zone))


def _own_moment(post: Placed, floor: datetime) -> datetime | None:
    if post.pin is not None or post.wall is None:
        return post.pin
    return post.wall if post.wall <= floor else None


def assign(
    waiting: Sequence[Placed], cadence: Cadence, *, fixed: Mapping[int, datetime], floor: datetime
) -> list[Placed]:
    """Wall times for posts, one after the other; `fixed` holds the moments of those that have their own, by key.

    The others take the first slot after everything before them, on no fixed moment; where such a slot would come after
    the fixed moment of a later post, that post goes first, so that moments increase in the order given back. When the
    cadence has no more slots, posts are left without a moment.
    """
    ahead = deque(sorted((post for post in waiting if post.key in fixed), key=lambda post: fixed[post.key]))
    free = _Slots(cadence, after=floor, taken=frozenset(fixed.values()))
    placed: list[Placed] = []
    latest = floor
    for post in waiting:
        wall = fixed.get(post.key) or free.first(after=latest, earliest=post.earliest)
        while wall is not None and ahead and fixed[ahead[0].key] <= wall:
            first = ahead.popleft()
            placed.append(_at(first, fixed[first.key]))
        if post.key not in fixed:
            placed.append(_at(post, wall))
        latest = max(latest, wall or latest)
    return placed


def _at(post: Placed, wall: datetime | None) -> Placed:
    return post if post.wall == wall else replace(post, wall=wall)


class _Slots:
    """The free slots of a cadence, asked for in order."""

    def __init__(self, cadence: Cadence, *, after: datetime, taken: frozenset[datetime]) -> None:
        self._coming: Iterator[datetime] = (slot for slot in slots(cadence, after=after) if slot not in taken)
        self._next = next(self._coming, None)

    def first(self, *, after: datetime, earliest: datetime | None) -> datetime | None:
        """The first slot strictly after one moment and not before another; None when there is none any more."""
        while self._next is not None and (self._next <= after or (earliest is not None and self._next < earliest)):
            self._next = next(self._coming, None)
        return self._next


def with_instants(waiting: Sequence[Placed], zone: str) -> list[Placed]:
    """Posts with the instants of their wall times, which never decrease, not even across a gap of the zone."""
    due = iter(instants([post.wall for post in waiting if post.wall is not None], zone))
    return [_due(post, next(due) if post.wall is not None else None) for post in waiting]


def _due(post: Placed, due_at: datetime | None) -> Placed:
    return post if post.due_at == due_at else replace(post, due_at=due_at)


def woven(
    order: Sequence[T], new: Iterable[T], *, date: Callable[[T], datetime | None], label: Callable[[T], Any]
) -> list[T]:
    """`order` with new posts in it: the dated by date, each undated one after the last that its label follows."""
    placed: list[tuple[datetime | None, Any, T]] = [(date(post), label(post), post) for post in order]
    coming = [(date(post), label(post), post) for post in new]
    dated = sorted((one for one in coming if one[0] is not None), key=lambda one: one[:2])
    undated = sorted((one for one in coming if one[0] is None), key=lambda one: one[1])
    for moment, name, post in (*dated, *undated):
        place = after_last(placed, partial(_follows, moment, name))
        placed.insert(place, (moment, name, post))
    return [post for _, _, post in placed]


def _follows(moment: datetime | None, name: Any, one: tuple[datetime | None, Any, object]) -> bool:  # noqa: ANN401 - any label
    if moment is None:
        return bool(one[1] <= name)
    return one[0] is not None and one[0] <= moment


def after_last(places: Sequence[T], wanted: Callable[[T], bool]) -> int:
    """The place behind the last that is wanted, looked for from the end, where it mostly is."""
    return next((place + 1 for place in reversed(range(len(places))) if wanted(places[place])), 0)
