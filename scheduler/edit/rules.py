"""Edits of what the moments come from: cadence, blackouts, pauses, zone."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from db.errors import BadValue
from scheduler.cadence import Blackout, Cadence
from scheduler.edit.edits import said
from scheduler.plan import Placed, Plan
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
        return f"cadence: {self.cadence.in_words()}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        blackouts = self.cadence.blackouts or plan.cadence.blackouts
        return replace(plan, cadence=replace(self.cadence, blackouts=blackouts))


@dataclass(frozen=True)
class AddBlackout:
    """Days on which nothing takes a slot; pinned posts stay on them."""

    first: date
    last: date
    reason: str

    @property
    def words(self) -> str:
        return f"blackout from {said(self.first)} to {said(self.last)} ({self.reason})"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        return _with_blackout(plan, Blackout(self.first, self.last, self.reason))


@dataclass(frozen=True)
class RemoveBlackout:
    """Open the days again of the blackout that a day lies in."""

    day: date

    @property
    def words(self) -> str:
        return f"no blackout on {said(self.day)}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        left = tuple(one for one in plan.cadence.blackouts if not _covers(one, self.day))
        if left == plan.cadence.blackouts:
            raise BadValue(f"no blackout holds on {said(self.day)}; {_blackouts(plan)}")
        return replace(plan, cadence=replace(plan.cadence, blackouts=left))


@dataclass(frozen=True)
class Pause:
    """Nothing comes out from a day on, until another or until the series is resumed; pins in it are lifted."""

    first: date
    last: date | None
    reason: str

    @property
    def words(self) -> str:
        until = f" until {said(self.last)}" if self.last else ""
        return f"pause from {said(self.first)}{until} ({self.reason})"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        blackout = Blackout(self.first, self.last, self.reason)
        plan = _with_blackout(plan, blackout)
        lifted = (
            replace(post, pin=None) if post.pin and post.pin > now and _covers(blackout, post.pin.date()) else post
            for post in plan.waiting
        )
        return plan.with_waiting(lifted)


@dataclass(frozen=True)
class Resume:
    """End the pause that a day lies in, and all that begin after it without an end: that day is open again."""

    day: date

    @property
    def words(self) -> str:
        return f"resume on {said(self.day)}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        kept: list[Blackout] = []
        for one in plan.cadence.blackouts:
            if not (_covers(one, self.day) or (one.last is None and one.first > self.day)):
                kept.append(one)
            elif one.first < self.day:
                kept.append(replace(one, last=self.day - timedelta(days=1)))
        if tuple(kept) == plan.cadence.blackouts:
            raise BadValue(f"the series is not paused on {said(self.day)}; {_blackouts(plan)}")
        return replace(plan, cadence=replace(plan.cadence, blackouts=tuple(kept)))


@dataclass(frozen=True)
class NewZone:
    """Another zone: each post keeps what its clocks show, or keeps its instant and is pinned to it."""

    zone: str
    keep: Keep = Keep.wall

    @property
    def words(self) -> str:
        return f"zone {self.zone}, keeping the {self.keep}"

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        if not is_zone(self.zone):
            raise BadValue(f"{self.zone!r} is not an IANA zone; one such is Europe/Riga")
        if self.keep is Keep.wall:
            return replace(plan, zone=self.zone)
        waiting = [self._kept(post) for post in plan.waiting]
        return replace(plan.with_waiting(waiting), zone=self.zone)

    def _kept(self, post: Placed) -> Placed:
        if post.due_at is None:
            return post
        wall = to_wall(post.due_at, self.zone)
        return replace(post, pin=wall, earliest=None, wall=wall)


def _with_blackout(plan: Plan, blackout: Blackout) -> Plan:
    blackouts = sorted((*plan.cadence.blackouts, blackout), key=lambda one: (one.first, one.last or date.max))
    return replace(plan, cadence=replace(plan.cadence, blackouts=tuple(blackouts)))


def _covers(blackout: Blackout, day: date) -> bool:
    return blackout.first <= day and (blackout.last is None or day <= blackout.last)


def _blackouts(plan: Plan) -> str:
    if not plan.cadence.blackouts:
        return "it has no blackouts"
    ranges = (f"from {said(one.first)} to {said(one.last) if one.last else '…'}" for one in plan.cadence.blackouts)
    return f"its blackouts are {', '.join(ranges)}"
