"""What is written of a letter when a try of it has ended: a rule, for the ledger to carry out."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from db.deliveries import Waiting
from db.states import DeliveryState
from db.tables import Delivery
from mail.replies import Outcome, OutcomeKind

PAUSES: Final = [timedelta(minutes=minutes) for minutes in (10, 30, 60, 120, 240, 480)]
"""Before the second, third, … try of a letter that met a passing refusal; the first suits greylisting."""
GIVE_UP_AFTER: Final = 12
RESEND_PAUSES: Final = [timedelta(seconds=30), *PAUSES]
"""Before a letter in doubt is sent again; at first the relay may need a moment only. One that takes each copy without a
word would else fill the reader's mailbox: after as many tries as for any letter, it stays in doubt for good."""
_UNFINISHED: Final = (DeliveryState.pending, DeliveryState.soft, DeliveryState.intent)


@dataclass(frozen=True)
class Ending:
    """The columns of the row that change, and whether the posts of the letter count as sent from now on.

    It `gave_up` when the last of many tries met a passing refusal like those before.
    """

    values: dict[str, Any] = field(default_factory=dict)
    carried: bool = False
    gave_up: bool = False


NOTHING: Final = Ending()
"""For a try of which all is written already, or of which another worker has the say by now."""


def ending(delivery: Delivery | Waiting, state: DeliveryState, outcome: Outcome, now: datetime) -> Ending:
    """How a try ends for a letter that was `delivery` before it and is in `state` now. Safe to ask again.

    A letter in doubt stays in doubt until a copy of it is taken: what a later copy meets says nothing of the first.
    """
    match outcome.kind:
        case OutcomeKind.sent:
            return _sent(state, outcome, now)
        case OutcomeKind.in_doubt:
            return _doubted(delivery, state, outcome, now)
        case OutcomeKind.not_begun:
            return _released(delivery, state)
        case OutcomeKind.soft if delivery.attempts + 1 < GIVE_UP_AFTER:
            pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
            values = {**_said(outcome), "retry_at": now + pause, "attempts": delivery.attempts + 1}
            return _unsent(state, DeliveryState.soft, values)
        case _:
            given_up = _unsent(state, DeliveryState.hard, {**_said(outcome), "settled_at": now, "retry_at": None})
            return replace(given_up, gave_up=outcome.kind is OutcomeKind.soft and state in _UNFINISHED)


def _doubted(delivery: Delivery | Waiting, state: DeliveryState, outcome: Outcome, now: datetime) -> Ending:
    again = delivery.attempts + 1 < GIVE_UP_AFTER
    pause = RESEND_PAUSES[min(delivery.attempts, len(RESEND_PAUSES) - 1)]
    doubted = in_doubt(state, reply=outcome.reply, retry_at=now + pause)
    if again or doubted is NOTHING:
        return doubted
    return Ending({**doubted.values, "retry_at": None, "settled_at": now}, carried=doubted.carried)


def in_doubt(state: DeliveryState, *, reply: str, retry_at: datetime) -> Ending:
    """Nobody knows whether the relay has the letter."""
    values = {"ever_in_doubt": True, "reply": reply, "retry_at": retry_at}
    if state is DeliveryState.intent:
        return Ending({"state": DeliveryState.in_doubt, **values}, carried=True)
    return Ending(values) if state is DeliveryState.in_doubt else NOTHING


def _sent(state: DeliveryState, outcome: Outcome, now: datetime) -> Ending:
    if state not in (DeliveryState.intent, DeliveryState.in_doubt):
        return NOTHING
    values = {"state": DeliveryState.sent, **_said(outcome), "settled_at": now, "retry_at": None}
    return Ending(values, carried=True)


def _unsent(state: DeliveryState, becomes: DeliveryState, values: dict[str, Any]) -> Ending:
    if state in _UNFINISHED:
        return Ending({"state": becomes, **values})
    return Ending(values) if state is DeliveryState.in_doubt else NOTHING


def _released(delivery: Delivery | Waiting, state: DeliveryState) -> Ending:
    """As if it had not been tried: no dot went out."""
    as_it_was = {name: getattr(delivery, name) for name in ("attempts", "retry_at", "asked_at")}
    if state is DeliveryState.intent:
        return Ending({"state": DeliveryState(delivery.state), **as_it_was})
    copied = state is DeliveryState.in_doubt and delivery.state == DeliveryState.in_doubt
    return Ending(as_it_was) if copied else NOTHING


def _said(outcome: Outcome) -> dict[str, Any]:
    return {"code": outcome.code, "reply": outcome.reply}
