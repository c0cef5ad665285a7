"""Edits of what the moments come from: cadence, blackouts, pauses, zone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from db.errors import BadValue
from db.said import say
from scheduler.cadence import Blackout, Cadence, cadence_said
from scheduler.cadence.closed import reason_said
from scheduler.edit.edits import following, later, with_post
from scheduler.plan import Placed, Plan, in_zone
from timing.wall import is_zone, to_wall


class Keep(StrEnum):
    """What stays when a series moves to another zone."""

    wall = "wall"
    instant = "instant"


@dataclass(frozen=True)
class NewCadence:
    """Another rule. Blackouts stay, unless the new rule names its own."""

    cadence: Cadence

    @property
    def words(self) -> str:
        return say("cadence: %(cadence)s", cadence=cadence_said(self.cadence))

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        return replace(plan, cadence=with_kept_blackouts(self.cadence, plan.cadence))


@dataclass(frozen=True)
class AddBlackout:
    """Days on which nothing takes a slot; pinned posts stay on them."""

    first: date
    last: date
    reason: str

    @property
    def words(self) -> str:
        return say(
            "blackout from %(first)s to %(last)s (%(reason)s)",
            first=self.first,
            last=self.last,
            reason=reason_said(self.reason),
        )

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        return _with_blackout(plan, Blackout(self.first, self.last, self.reason))


@dataclass(frozen=True)
class RemoveBlackout:
    """Open the days again of the blackout that a day lies in."""

    day: date

    @property
    def words(self) -> str:
        return say("no blackout on %(day)s", day=self.day)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        left = tuple(one for one in plan.cadence.blackouts if not one.covers(self.day))
        if left == plan.cadence.blackouts:
            raise BadValue(say("no blackout holds on %(day)s; %(blackouts)s", day=self.day, blackouts=_blackouts(plan)))
        return replace(plan, cadence=replace(plan.cadence, blackouts=left))


@dataclass(frozen=True)
class Pause:
    """Nothing comes out from a day on, until another or until the series is resumed; pins in it are lifted."""

    first: date
    last: date | None
    reason: str

    @property
    def words(self) -> str:
        if self.last is None:
            return say("pause from %(first)s (%(reason)s)", first=self.first, reason=reason_said(self.reason))
        return say(
            "pause from %(first)s until %(last)s (%(reason)s)",
            first=self.first,
            last=self.last,
            reason=reason_said(self.reason),
        )

    def changed(self, plan: Plan, now: datetime) -> Plan:
        blackout = Blackout(self.first, self.last, self.reason)
        plan = _with_blackout(plan, blackout)
        lifted = (
            replace(post, pin=None) if post.pin and post.pin > now and blackout.covers(post.pin.date()) else post
            for post in plan.waiting
        )
        return plan.with_waiting(lifted)


@dataclass(frozen=True)
class Resume:
    """End the pauses without an end, or else those that a day lies in: that day is open again."""

    day: date

    @property
    def words(self) -> str:
        return say("resume on %(day)s", day=self.day)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        blackouts = plan.cadence.blackouts
        ended = [one for one in blackouts if one.last is None] or [one for one in blackouts if one.covers(self.day)]
        kept = [one for one in blackouts if one not in ended]
        kept += [replace(one, last=self.day - timedelta(days=1)) for one in ended if one.first < self.day]
        if not ended:
            raise BadValue(
                say("the series is not paused on %(day)s; %(blackouts)s", day=self.day, blackouts=_blackouts(plan))
            )
        return replace(plan, cadence=replace(plan.cadence, blackouts=tuple(kept)))


@dataclass(frozen=True)
class NewZone:
    """Another zone: each post keeps what its clocks show, or keeps its instant and is pinned to it."""

    zone: str
    keep: Keep = Keep.wall

    @property
    def words(self) -> str:
        if self.keep is Keep.wall:
            return say("zone %(zone)s, keeping the wall", zone=self.zone)
        return say("zone %(zone)s, keeping the instant", zone=self.zone)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        if not is_zone(self.zone):
            raise BadValue(say("%(zone)r is not an IANA zone; one such is Europe/Riga", zone=self.zone))
        if self.zone == plan.zone:
            raise BadValue(say("the zone is %(zone)s already; nothing would change", zone=self.zone))
        if self.keep is Keep.wall:
            # Or the first would take a slot that has passed in the old zone and is still to come in the new one.
            first = following(plan, 0)
            kept = (
                plan if first is None else with_post(plan, replace(first, earliest=later(first.earliest, first.wall)))
            )
            return in_zone(replace(kept, zone=self.zone))
        waiting = [self._kept(post) for post in plan.waiting]
        _check_apart(waiting)
        return in_zone(replace(plan.with_waiting(waiting), zone=self.zone))

    def _kept(self, post: Placed) -> Placed:
        if post.due_at is None:
            return post
        wall = to_wall(post.due_at, self.zone)
        return replace(post, pin=wall, earliest=None, wall=wall)


def with_kept_blackouts(cadence: Cadence, before: Cadence) -> Cadence:
    """A new cadence with the blackouts of the one before it, unless it names its own."""
    return cadence if cadence.blackouts else replace(cadence, blackouts=before.blackouts)


def _check_apart(waiting: Sequence[Placed]) -> None:
    moments = Counter(post.pin for post in waiting if post.pin is not None)
    for post in waiting:
        if post.pin is not None and moments[post.pin] > 1:
            raise BadValue(
                say(
                    "%(slug)s would share %(pin)s with another post; move one of them first",
                    slug=post.slug,
                    pin=post.pin,
                )
            )


def _with_blackout(plan: Plan, blackout: Blackout) -> Plan:
    return replace(plan, cadence=replace(plan.cadence, blackouts=(*plan.cadence.blackouts, blackout)))


def _blackouts(plan: Plan) -> str:
    if not plan.cadence.blackouts:
        return say("it has no blackouts")
    ranges = [
        say("from %(first)s to %(last)s", first=one.first, last=one.last or "…") for one in plan.cadence.blackouts
    ]
    return say("its blackouts are %(ranges)s", ranges=ranges)
