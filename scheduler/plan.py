"""The plan: which post appears when. Pure functions of values; the store comes after (scheduler/intake)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from scheduler.cadence import Cadence, slots

T = TypeVar("T")


@dataclass(frozen=True)
class Planned:
    """One post to be placed: `pin` is its own wall time, if it has one; `fixed` its wall time if already released."""

    key: int
    pin: datetime | None = None
    fixed: datetime | None = None


def assign(order: Sequence[Planned], cadence: Cadence | None, *, floor: datetime) -> dict[int, datetime | None]:
    """The wall time of each post that is not released, in the order of the plan.

    A pinned post keeps its pin. The others take, one after the other, the first slot that lies after everything before
    them in the plan, after `floor`, and on no pinned moment. Without a cadence they have no time.
    """
    taken = {post.pin for post in order if post.pin is not None}
    latest = floor
    times: dict[int, datetime | None] = {}
    for post in order:
        wall = post.fixed or post.pin or _first_free(cadence, latest, taken)
        if wall is not None:
            latest = max(latest, wall)
        if post.fixed is None:
            times[post.key] = wall
    return times


def _first_free(cadence: Cadence | None, after: datetime, taken: set[datetime]) -> datetime | None:
    if cadence is None:
        return None
    return next(slot for slot in slots(cadence, after=after) if slot not in taken)


def in_order(posts: Iterable[T], *, date: Callable[[T], datetime | None], label: Callable[[T], Any]) -> list[T]:
    """Posts in the order of a plan: the dated by date, each undated one after the last that its label follows."""
    posts = list(posts)
    dated = [(moment, label(post), post) for post in posts if (moment := date(post)) is not None]
    order = [post for _, _, post in sorted(dated, key=lambda found: found[:2])]
    for post in sorted((post for post in posts if date(post) is None), key=label):
        before = [place for place, other in enumerate(order) if label(other) <= label(post)]
        order.insert(before[-1] + 1 if before else 0, post)
    return order
