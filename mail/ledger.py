"""The ledger: a letter's intent is committed before its dot, its outcome after; watermarks move with the outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from db import deliveries
from db.batches import Lease
from db.deliveries import Letter
from db.engine import Store
from db.states import DeliveryState, InDoubtPolicy, SubscriberState
from db.tables import Batch, Delivery, Subscriber, Suppression
from db.upsert import insert_missing
from mail.replies import Outcome, OutcomeKind
from timing.clocks import Clock

log = structlog.get_logger()

PAUSES = [timedelta(minutes=minutes) for minutes in (10, 30, 60, 120, 240, 480)]
"""Before the second, third, … try of a letter that met a passing refusal; the first suits greylisting."""
GIVE_UP_AFTER = 12
RESEND_AFTER = timedelta(seconds=30)
"""Before a letter is sent again whose connection broke after the dot; the relay may need a moment."""
MARGIN = timedelta(seconds=5)
"""A worker this near the end of its lease sends no further dot."""


@dataclass(frozen=True)
class Ledger:
    """The ledger as one worker sees it, for the time of one lease."""

    store: Store
    lease: Lease
    machine: Clock
    policy: InDoubtPolicy

    def intend(self, letter: Letter) -> bool:
        """Commit the intent of a letter; False when it must not be sent (now), and then its row says why."""
        if self.machine() > self.lease.until - MARGIN:
            return False
        with self.store.writing(first=True) as session:
            if letter.delivery.state == DeliveryState.in_doubt:
                if deliveries.commit_resend(session, letter.delivery.id, fence=self.lease.fence):
                    return True
            elif deliveries.commit_intent(session, letter.delivery.id, fence=self.lease.fence):
                return True
            self._close_refused(session, letter)
            return False

    def _close_refused(self, session: Session, letter: Letter) -> None:
        """A letter that the intent refused is never sent; what it carried stays owed by the watermarks."""
        batch = session.get(Batch, self.lease.batch_id)
        if batch is None or batch.fence != self.lease.fence:
            return
        values = {"reply": "not sent: the reader left, or is no longer owed just this", "settled_at": self.machine()}
        was = [DeliveryState.pending, DeliveryState.soft]
        if not deliveries.settle(session, letter.delivery.id, DeliveryState.superseded, was=was, values=values):
            _settle_doubt(session, letter.delivery, values)

    def record(self, letter: Letter, outcome: Outcome) -> None:
        """Write how a try ended. Safe to repeat."""
        if outcome.kind is OutcomeKind.not_begun:
            return
        now = self.machine()
        with self.store.writing(first=True) as session:
            _RECORDERS[outcome.kind](session, letter.delivery, outcome, now)
        log.info("letter tried", delivery=letter.delivery.id, outcome=outcome.kind.value, code=outcome.code)


def recover(session: Session, lease: Lease, *, now: datetime) -> int:
    """Turn the intents of a batch's former, dead lease into letters in doubt; gives how many there were."""
    left = deliveries.left_in_intent(session, lease.batch_id)
    for delivery_id in left:
        _doubt(session, delivery_id, reply="the program stopped before the relay's answer was known", retry_at=now)
    return len(left)


def _doubt(session: Session, delivery_id: int, *, reply: str, retry_at: datetime) -> None:
    values = {"ever_in_doubt": True, "reply": reply, "retry_at": retry_at}
    if deliveries.settle(session, delivery_id, DeliveryState.in_doubt, was=[DeliveryState.intent], values=values):
        deliveries.advance_watermarks(session, delivery_id)
    else:  # a resend of one that was in doubt already
        deliveries.settle(session, delivery_id, DeliveryState.in_doubt, was=[DeliveryState.in_doubt], values=values)


def _settle_doubt(session: Session, delivery: Delivery, values: dict[str, Any]) -> None:
    """Write what a later copy of a letter in doubt met. It stays in doubt: that says nothing of the first copy."""
    deliveries.settle(session, delivery.id, DeliveryState.in_doubt, was=[DeliveryState.in_doubt], values=values)


def _record_sent(session: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    values = {"code": outcome.code, "reply": outcome.reply, "settled_at": now, "retry_at": None}
    was = [DeliveryState.intent, DeliveryState.in_doubt]
    if deliveries.settle(session, delivery.id, DeliveryState.sent, was=was, values=values):
        deliveries.advance_watermarks(session, delivery.id)


def _record_soft(session: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    if delivery.attempts + 1 >= GIVE_UP_AFTER:
        _record_hard(session, delivery, outcome, now)
        return
    pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
    # A refusal before DATA comes without an intent, so the try is counted here in any case.
    values = {"code": outcome.code, "reply": outcome.reply, "retry_at": now + pause, "attempts": delivery.attempts + 1}
    was = [DeliveryState.pending, DeliveryState.soft, DeliveryState.intent]
    if not deliveries.settle(session, delivery.id, DeliveryState.soft, was=was, values=values):
        _settle_doubt(session, delivery, values)


def _record_hard(session: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    values = {"code": outcome.code, "reply": outcome.reply, "settled_at": now, "retry_at": None}
    was = [DeliveryState.pending, DeliveryState.soft, DeliveryState.intent]
    if not deliveries.settle(session, delivery.id, DeliveryState.hard, was=was, values=values):
        _settle_doubt(session, delivery, values)
    if outcome.bad_address:
        suppress(session, delivery.subscriber_id, reason=f"bounced: {outcome.reply}", now=now)


def _record_in_doubt(session: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    _doubt(session, delivery.id, reply=outcome.reply, retry_at=now + RESEND_AFTER)


_RECORDERS: dict[OutcomeKind, Callable[[Session, Delivery, Outcome, datetime], None]] = {
    OutcomeKind.sent: _record_sent,
    OutcomeKind.soft: _record_soft,
    OutcomeKind.hard: _record_hard,
    OutcomeKind.in_doubt: _record_in_doubt,
}


def suppress(session: Session, subscriber_id: int, *, reason: str, now: datetime) -> None:
    """Write to this reader's address no more, whatever any import says."""
    reader = session.get_one(Subscriber, subscriber_id)
    reader.state = SubscriberState.suppressed
    row = {"fingerprint": reader.fingerprint, "reason": reason, "created_at": now}
    insert_missing(session, Suppression, row)
