"""What every edit of a plan is: a value that turns one plan into another, and finding the posts it speaks of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Protocol

from db.errors import BadValue
from db.said import say
from db.states import PostState
from scheduler.naming import named
from scheduler.plan import Placed, Plan

HORIZON = timedelta(days=50 * 365)
"""No plan reaches further; a moment beyond it is a slip of the finger, and dates end in the year 9999."""
LONGEST_NUMBER = 50


class Edit(Protocol):
    """`changed` gives the plan as asked for, its moments still to be settled. Raises BadValue for what cannot be.

    `now` is the wall time in the zone of the series.
    """

    @property
    def words(self) -> str:
        """What the edit does, as its history tells it."""

    def changed(self, plan: Plan, now: datetime) -> Plan: ...


def the_post(plan: Plan, name: str) -> Placed:
    """The post with this slug, or with this number when no other has it. Raises BadValue."""
    found = [post for post in plan.posts if post.slug == name] or [post for post in plan.posts if post.number == name]
    if len(found) > 1:
        raise BadValue(
            say(
                "%(number)s posts have the number %(name)s; name one by its slug: %(slugs)s",
                number=len(found),
                name=name,
                slugs=_slugs(found),
            )
        )
    if not found:
        close = get_close_matches(name, [post.slug for post in plan.posts], n=1)
        hint = say("did you mean %(close)s?", close=close[0]) if close else say("name it by its slug or its number")
        raise BadValue(say("no post %(name)r in this series; %(hint)s", name=name, hint=hint))
    return found[0]


def _slugs(posts: Sequence[Placed]) -> str:
    return ", ".join(post.slug for post in posts)


def the_waiting(plan: Plan, name: str) -> Placed:
    """A post that is planned and not out. Raises BadValue."""
    post = the_post(plan, name)
    if post.seq is not None:
        raise BadValue(say("%(slug)s is out already; a released post never moves", slug=post.slug))
    if post.state != PostState.planned:
        raise BadValue(
            say(
                "%(slug)s is not planned (%(state)s); `fascicle plan insert` puts it into the plan",
                slug=post.slug,
                state=named(post.state),
            )
        )
    return post


def place_of(plan: Plan, *, after: str | None, before: str | None) -> int:
    """The index among the waiting posts that lies after or before a post. Raises BadValue."""
    if (after is None) == (before is None):
        raise BadValue(say("say either after which post or before which post"))
    beside = the_post(plan, after or before or "")
    keys = [post.key for post in plan.waiting]
    if beside.key in keys:
        return keys.index(beside.key) + (after is not None)
    if after is not None and plan.out and plan.out[-1].key == beside.key:
        return 0
    why = (
        say("is out already")
        if beside.seq is not None
        else say("is not planned (%(state)s)", state=named(beside.state))
    )
    raise BadValue(
        say("%(slug)s %(why)s; name a post that is planned, or the last that is out", slug=beside.slug, why=why)
    )


def with_post(plan: Plan, post: Placed) -> Plan:
    """The plan with one waiting post replaced where it stands."""
    return plan.with_waiting(post if one.key == post.key else one for one in plan.waiting)


def check_free(plan: Plan, post: Placed, wall: datetime, now: datetime) -> None:
    """Raises BadValue for a moment that is past, or that another post is pinned to."""
    if wall <= now:
        raise BadValue(say("%(wall)s is past: it is %(now)s there (%(zone)s)", wall=wall, now=now, zone=plan.zone))
    if wall > now + HORIZON:
        raise BadValue(
            say(
                "%(wall)s is more than %(days)s years away; choose an earlier moment",
                wall=wall,
                days=HORIZON.days // 365,
            )
        )
    for other in plan.waiting:
        if other.pin == wall and other.key != post.key:
            raise BadValue(
                say(
                    "%(wall)s belongs to %(slug)s, which is pinned to it; choose another moment",
                    wall=wall,
                    slug=other.slug,
                )
            )


def check_number(number: str | None) -> None:
    """Raises BadValue for what cannot stand on a post."""
    if number is not None and not (number.isprintable() and 0 < len(number) <= LONGEST_NUMBER and number.strip()):
        raise BadValue(
            say(
                "%(number)r cannot be a number; up to %(longest_number)s plain characters can, such as 1.10",
                number=number[:20],
                longest_number=LONGEST_NUMBER,
            )
        )


def leaving(plan: Plan, post: Placed) -> Plan:
    """The plan made ready for a post to leave its slot: how early what follows may come does not leave with it."""
    heir = following(plan, plan.waiting.index(post) + 1)
    if post.earliest is None or post.pin is not None or heir is None:
        return plan
    return with_post(plan, replace(heir, earliest=later(heir.earliest, post.earliest)))


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, either of which may be missing."""
    return max(one, other) if one is not None and other is not None else one or other


def following(plan: Plan, index: int) -> Placed | None:
    """The first post from an index on that takes a slot of the cadence."""
    return next((post for post in plan.waiting[index:] if post.pin is None), None)


def pinned(post: Placed, wall: datetime) -> Placed:
    return replace(post, pin=wall, earliest=None)


def said(moment: datetime | date) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else f"{moment:%Y-%m-%d}"
