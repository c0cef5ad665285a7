"""Edits of when posts come: pin, unpin, move to a moment, shift, reflow."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from db.errors import BadValue
from scheduler.cadence import slots
from scheduler.edit.edits import check_free, following, pinned, place_of, said, the_waiting, with_post
from scheduler.plan import Placed, Plan, after_last


@dataclass(frozen=True)
class Pin:
    """Tie a post to a moment of its own; the rest closes up and flows around it."""

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return f"pin {self.post} to {said(self.wall)}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        return with_post(plan, pinned(post, self.wall))


@dataclass(frozen=True)
class Unpin:
    """Let a post take a slot of the cadence again."""

    post: str

    @property
    def words(self) -> str:
        return f"unpin {self.post}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        if post.pin is None and post.earliest is None:
            raise BadValue(f"{post.slug} is not pinned; it takes a slot of the cadence already")
        late = post.wall is not None and post.wall <= now
        return with_post(plan, replace(post, pin=None, earliest=None, wall=None if late else post.wall))


@dataclass(frozen=True)
class MoveAlone:
    """Pin a post to a moment and leave its old slot empty, so that no other post moves for it."""

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return f"move {self.post} alone to {said(self.wall)}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        next_one = following(plan, plan.waiting.index(post) + 1)
        if next_one is not None and post.pin is None:
            plan = with_post(plan, replace(next_one, earliest=_later(next_one.earliest, next_one.wall)))
        rest = [one for one in plan.waiting if one.key != post.key]
        place = after_last(rest, lambda one: one.wall is not None and one.wall < self.wall)
        return plan.with_waiting([*rest[:place], pinned(post, self.wall), *rest[place:]])


@dataclass(frozen=True)
class MoveWithRest:
    """Move a post to the first slot at or after a moment; all that follow keep their distance in slots behind it.

    A pinned post takes that very moment, and the pinned posts after it move by as many days.
    """

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return f"move {self.post} and the rest to {said(self.wall)}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        begin = plan.waiting.index(post)
        if post.pin is None:
            return _from_slot(plan, begin, self.wall)
        plan = _pins_moved(plan, begin + 1, self.wall.date() - post.pin.date(), now)
        return with_post(plan, pinned(post, self.wall))


@dataclass(frozen=True)
class ShiftSlots:
    """Move what takes slots after a post by n slots of the cadence, earlier when n is negative; pins stay."""

    after: str
    count: int

    @property
    def words(self) -> str:
        return f"shift all after {self.after} by {self.count} slots"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        begin = place_of(plan, after=self.after, before=None)
        post = following(plan, begin)
        if post is None or post.wall is None:
            raise BadValue(f"no post after {self.after} takes a slot of the cadence; shift by days instead")
        if self.count < 0:
            return _earlier(plan, post, -self.count, now)
        taken = {one.pin for one in plan.waiting}
        free = (slot for slot in slots(plan.cadence, after=post.wall) if slot not in taken)
        target = next(islice(free, max(self.count - 1, 0), None), None) if self.count else post.wall
        if target is None:
            raise BadValue(f"the cadence has no {self.count} slots after {said(post.wall)}")
        return _from_slot(plan, plan.waiting.index(post), target)


@dataclass(frozen=True)
class ShiftDays:
    """Move all after a post by n days, pins too; what takes slots goes to the first slot from then on."""

    after: str
    days: int

    @property
    def words(self) -> str:
        return f"shift all after {self.after} by {self.days} days"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        begin = place_of(plan, after=self.after, before=None)
        if begin >= len(plan.waiting):
            raise BadValue(f"no planned post comes after {self.after}")
        by = timedelta(days=self.days)
        post = following(plan, begin)
        plan = _pins_moved(plan, begin, by, now)
        if post is None or post.wall is None:
            return plan
        return _from_slot(plan, [one.key for one in plan.waiting].index(post.key), post.wall + by)


@dataclass(frozen=True)
class Reflow:
    """Give what is overdue, and all after it, coming slots; a hold is lifted."""

    @property
    def words(self) -> str:
        return "reflow"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        late = [post for post in plan.waiting if post.wall is not None and post.wall <= now]
        if not late:
            raise BadValue("nothing is overdue; there is nothing to reflow")
        if plan.cadence.rhythm is None:
            raise BadValue("this series has no cadence to reflow to; `fascicle plan cadence` gives it one")
        keys = {post.key for post in late}
        waiting = [
            replace(post, pin=None, earliest=None, wall=None) if post.key in keys else post for post in plan.waiting
        ]
        return replace(plan.with_waiting(waiting), held=None)


def _from_slot(plan: Plan, index: int, earliest: datetime) -> Plan:
    post = plan.waiting[index]
    return with_post(plan, replace(post, earliest=earliest))


def _earlier(plan: Plan, post: Placed, count: int, now: datetime) -> Plan:
    """`post` n free slots earlier, if there are so many before it."""
    assert post.wall is not None
    before = [one.wall for one in plan.posts if one.wall is not None and one.wall < post.wall]
    free = []
    for slot in slots(plan.cadence, after=max([now, *before])):
        if slot >= post.wall:
            break
        free.append(slot)
    if len(free) < count:
        raise BadValue(f"only {len(free)} free slots lie before {post.slug} ({said(post.wall)}); shift by fewer")
    return with_post(plan, replace(post, earliest=free[-count]))


def _pins_moved(plan: Plan, begin: int, by: timedelta, now: datetime) -> Plan:
    moved = [
        replace(post, pin=post.pin + by) if post.pin is not None and index >= begin else post
        for index, post in enumerate(plan.waiting)
    ]
    pins = Counter(post.pin for post in moved)
    for post in moved[begin:]:
        if post.pin is not None and (post.pin <= now or pins[post.pin] > 1):
            why = "is past" if post.pin <= now else "would belong to two posts"
            raise BadValue(f"{post.slug} would move to {said(post.pin)}, which {why}; shift by another number of days")
    return plan.with_waiting(moved)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one is not None and other is not None else one or other
