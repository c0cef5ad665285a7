"""Edits of whether a series comes out at all: held by an operator, and let go on."""

from dataclasses import dataclass, replace
from datetime import datetime

from db.errors import BadValue
from db.said import say
from scheduler.plan import Hold, Plan
from timing.wall import to_instant

LONGEST_REASON = 200


@dataclass(frozen=True)
class HoldNow:
    """Let nothing of a series come out until it is let go on; all moments stay, and what they pass is late."""

    reason: str

    @property
    def words(self) -> str:
        return say("hold (%(reason)s)", reason=self.reason)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        if plan.held is not None:
            raise BadValue(say("the series is held already: %(reason)s", reason=plan.held.reason))
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON:
            words = "say why it is held, in at most %(most)s characters: others will ask"
            raise BadValue(say(words, most=LONGEST_REASON))
        return replace(plan, held=Hold(to_instant(now, plan.zone), self.reason.strip()))


@dataclass(frozen=True)
class LetGo:
    """Lift a hold. What fell due meanwhile comes out at once, late and in order: whoever applies this sees to it."""

    @property
    def words(self) -> str:
        return say("let it go on")

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        if plan.held is None:
            raise BadValue(say("the series is not held; nothing would change"))
        return replace(plan, held=None)
