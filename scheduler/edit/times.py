"""Edits of when posts come: pin, unpin, move to a moment, shift, reflow."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from db.errors import BadValue
from db.said import say
from scheduler.cadence import slots
from scheduler.edit.edits import (
    HORIZON,
    check_free,
    following,
    later,
    leaving,
    pinned,
    place_of,
    the_waiting,
    with_post,
)
from scheduler.edit.pushing import no_further, pins_moved, pushed_from
from scheduler.plan import Placed, Plan, after_last

MOST_SLOTS = 10_000


@dataclass(frozen=True)
class Pin:
    """Tie a post to a moment of its own; the rest closes up and flows around it."""

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return say("pin %(post)s to %(wall)s", post=self.post, wall=self.wall)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        return with_post(leaving(plan, post), pinned(post, self.wall))


@dataclass(frozen=True)
class Unpin:
    """Let a post take a slot of the cadence again."""

    post: str

    @property
    def words(self) -> str:
        return say("unpin %(post)s", post=self.post)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        if post.pin is None and post.earliest is None:
            raise BadValue(say("%(slug)s is not pinned; it takes a slot of the cadence already", slug=post.slug))
        late = post.wall is not None and post.wall <= now
        return with_post(plan, replace(post, pin=None, earliest=None, wall=None if late else post.wall))


@dataclass(frozen=True)
class MoveAlone:
    """Pin a post to a moment and leave its old slot empty, so that no other post moves for it."""

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return say("move %(post)s alone to %(wall)s", post=self.post, wall=self.wall)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        for other in plan.waiting:
            if other.wall == self.wall and other.key != post.key:
                raise BadValue(
                    say(
                        "%(wall)s is the slot of %(slug)s; swap the two, or move with the rest",
                        wall=self.wall,
                        slug=other.slug,
                    )
                )
        next_one = following(plan, plan.waiting.index(post) + 1)
        if next_one is not None and post.pin is None:
            plan = with_post(plan, replace(next_one, earliest=later(next_one.earliest, next_one.wall)))
        rest = [one for one in plan.waiting if one.key != post.key]
        place = after_last(rest, lambda one: one.wall is not None and one.wall < self.wall)
        return plan.with_waiting([*rest[:place], pinned(post, self.wall), *rest[place:]])


@dataclass(frozen=True)
class MoveWithRest:
    """Move a post to the first slot at or after a moment; all that follow keep their distance behind it.

    A pinned post takes that very moment, and the pinned posts after it move by as many days.
    """

    post: str
    wall: datetime

    @property
    def words(self) -> str:
        return say("move %(post)s and the rest to %(wall)s", post=self.post, wall=self.wall)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = the_waiting(plan, self.post)
        check_free(plan, post, self.wall, now)
        begin = plan.waiting.index(post)
        if post.pin is not None:
            plan = pins_moved(plan, begin + 1, self.wall.date() - post.pin.date(), now)
            return with_post(plan, pinned(post, self.wall))
        if post.wall is None:
            return pushed_from(plan, begin, self.wall, now=now, moved=no_further)
        by = self.wall - post.wall
        return pushed_from(plan, begin, self.wall, now=now, moved=lambda earliest: earliest + by)


@dataclass(frozen=True)
class StartAll:
    """Let all that takes slots begin on the first slot from a day on, at the distances it has; pins stay.

    A cadence that would begin later than that begins on that day.
    """

    day: date

    @property
    def words(self) -> str:
        return say("start all on %(day)s", day=self.day)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        post = following(plan, 0)
        if post is None or plan.cadence.rhythm is None or plan.cadence.start is None:
            raise BadValue(
                say("nothing here takes a slot of a cadence; give the series a rhythm first, or pin its posts")
            )
        if self.day < now.date():
            words = "%(day)s is past: it is %(now)s there (%(zone)s)"
            raise BadValue(say(words, day=self.day, now=now, zone=plan.zone))
        begin = datetime.combine(self.day, time())
        by = begin - datetime.combine((post.wall or begin).date(), time())
        cadence = replace(plan.cadence, start=min(plan.cadence.start, self.day))
        index = plan.waiting.index(post)
        return pushed_from(replace(plan, cadence=cadence), index, begin, now=now, moved=lambda earliest: earliest + by)


@dataclass(frozen=True)
class ShiftSlots:
    """Move what takes slots after a post by n slots of the cadence, earlier when n is negative; pins stay."""

    after: str
    count: int

    @property
    def words(self) -> str:
        return say("shift all after %(after)s by %(slots)s slots", after=self.after, slots=self.count)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        _check_count(self.count, MOST_SLOTS, say("slots"))
        post = following(plan, place_of(plan, after=self.after, before=None))
        if post is None or post.wall is None:
            raise BadValue(
                say("no post after %(after)s takes a slot of the cadence; shift by days instead", after=self.after)
            )
        index = [one.key for one in plan.waiting].index(post.key)
        if self.count < 0:
            target = _earlier(plan, post, -self.count, now)
            return pushed_from(
                plan, index, target, now=now, moved=lambda earliest: _slots_back(plan, earliest, self.count, now)
            )
        target = _slots_on(plan, max(post.wall, now), self.count)
        return pushed_from(plan, index, target, now=now, moved=lambda earliest: _slots_on(plan, earliest, self.count))


@dataclass(frozen=True)
class ShiftDays:
    """Move all after a post by n days, pins too; what takes slots goes to the first slot from then on."""

    after: str
    days: int

    @property
    def words(self) -> str:
        return say("shift all after %(after)s by %(days)s days", after=self.after, days=self.days)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        _check_count(self.days, HORIZON.days, say("days"))
        begin = place_of(plan, after=self.after, before=None)
        if begin >= len(plan.waiting):
            raise BadValue(say("no planned post comes after %(after)s", after=self.after))
        by = timedelta(days=self.days)
        post = following(plan, begin)
        plan = pins_moved(plan, begin, by, now)
        if post is None or post.wall is None:
            return plan
        index = [one.key for one in plan.waiting].index(post.key)
        target = max(post.wall + by, now) if self.days > 0 else post.wall + by
        return pushed_from(plan, index, target, now=now, moved=lambda earliest: earliest + by)


@dataclass(frozen=True)
class Reflow:
    """Give what is overdue, and all after it, coming slots; a hold is lifted."""

    @property
    def words(self) -> str:
        return say("reflow")

    def changed(self, plan: Plan, now: datetime) -> Plan:
        late = {post.key for post in plan.waiting if post.wall is not None and post.wall <= now}
        if not late:
            raise BadValue(say("nothing is overdue; there is nothing to reflow"))
        if plan.cadence.rhythm is None:
            raise BadValue(say("this series has no cadence to reflow to; `fascicle plan cadence` gives it one"))
        waiting = [
            replace(post, pin=None, earliest=None, wall=None) if post.key in late else post for post in plan.waiting
        ]
        return replace(plan.with_waiting(waiting), held=None)


def _check_count(count: int, most: int, what: str) -> None:
    if count == 0 or abs(count) > most:
        raise BadValue(
            say(
                "%(number)s %(what)s cannot be shifted by; name a number from 1 to %(most)s, negative for earlier",
                number=count,
                what=what,
                most=most,
            )
        )


def _slots_on(plan: Plan, moment: datetime, count: int) -> datetime:
    """The n-th free slot after a moment. Raises BadValue when the cadence has none."""
    pins = {one.pin for one in plan.waiting}
    free = (slot for slot in slots(plan.cadence, after=moment) if slot not in pins)
    found = next(islice(free, count - 1, None), None)
    if found is None:
        raise BadValue(say("the cadence has no %(number)s slots after %(moment)s", number=count, moment=moment))
    return found


def _slots_back(plan: Plan, moment: datetime, count: int, now: datetime) -> datetime:
    """The slot that lies n (negative) slots before a moment, or the first that is still to come."""
    coming = []
    for slot in slots(plan.cadence, after=now):
        if slot >= moment:
            break
        coming.append(slot)
    return coming[max(count, -len(coming))] if coming else moment


def _earlier(plan: Plan, post: Placed, count: int, now: datetime) -> datetime:
    """The slot n free slots before that of a post. Raises BadValue when there are not so many before it."""
    assert post.wall is not None
    before = [one.wall for one in plan.posts if one.wall is not None and one.wall < post.wall]
    free = []
    for slot in slots(plan.cadence, after=max([now, *before])):
        if slot >= post.wall:
            break
        free.append(slot)
    if len(free) < count:
        raise BadValue(
            say(
                "only %(number)s free slots lie before %(slug)s (%(wall)s); shift by fewer",
                number=len(free),
                slug=post.slug,
                wall=post.wall,
            )
        )
    return free[-count]
