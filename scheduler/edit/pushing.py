"""How the rest of a plan follows a post that comes at another time, and what may not be in its way."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from db.errors import BadValue
from db.said import say
from scheduler.edit.edits import HORIZON
from scheduler.plan import Placed, Plan


def no_further(earliest: datetime) -> datetime:
    """A later break stays where it is."""
    return earliest


def pushed_from(
    plan: Plan, index: int, earliest: datetime, *, now: datetime, moved: Callable[[datetime], datetime]
) -> Plan:
    """The plan with the post at an index no earlier than a moment, and the rest behind it at the distance it had.

    `moved` says where a later break in the plan goes. Raises BadValue when something is in the way.
    """
    post = plan.waiting[index]
    before = [one for one in plan.waiting[:index] if one.wall is not None and one.wall >= earliest]
    if before and (post.wall is None or earliest < post.wall):
        raise BadValue(
            say(
                "%(slug)s cannot come at %(earliest)s: %(other)s comes before it, and later than that",
                slug=post.slug,
                earliest=earliest,
                other=before[-1].slug,
            )
        )
    if earliest > now + HORIZON:
        raise BadValue(
            say(
                "%(earliest)s is more than %(days)s years away; move by less",
                earliest=earliest,
                days=HORIZON.days // 365,
            )
        )
    waiting = [_moved_along(one, moved, now) if place > index else one for place, one in enumerate(plan.waiting)]
    waiting[index] = replace(post, earliest=earliest, wall=None)
    return plan.with_waiting(waiting)


def _moved_along(post: Placed, moved: Callable[[datetime], datetime], now: datetime) -> Placed:
    """A later post; when it was due already, it takes a coming slot like the rest."""
    if post.pin is not None:
        return post
    late = post.wall is not None and post.wall <= now
    earliest = post.earliest if post.earliest is None else moved(post.earliest)
    return replace(post, earliest=earliest, wall=None if late else post.wall)


def pins_moved(plan: Plan, begin: int, by: timedelta, now: datetime) -> Plan:
    """The plan with all pins from an index on moved. Raises BadValue for one that would be past, or meet another."""
    moved = [
        replace(post, pin=post.pin + by) if post.pin is not None and index >= begin else post
        for index, post in enumerate(plan.waiting)
    ]
    pins = Counter(post.pin for post in moved)
    for post in moved[begin:]:
        if post.pin is not None and (post.pin <= now or pins[post.pin] > 1):
            why = say("is past") if post.pin <= now else say("would belong to two posts")
            raise BadValue(
                say(
                    "%(slug)s would move to %(pin)s, which %(why)s; shift by another number of days",
                    slug=post.slug,
                    pin=post.pin,
                    why=why,
                )
            )
    return plan.with_waiting(moved)
