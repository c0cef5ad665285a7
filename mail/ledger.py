"""The ledger: a letter's intent is committed before its dot, its outcome after; watermarks move with the outcome."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import batches, bounces, deliveries, intents, suppressions
from db.batches import Lease
from db.deliveries import Letter, Locked, Waiting
from db.engine import Store
from db.prepared import together
from db.states import TO_OPERATORS, DeliveryState, EditionKind, SuppressionKind
from db.tables import Batch, Delivery, Subscriber
from mail.endings import NOTHING, Ending, ending, in_doubt
from mail.replies import Outcome, OutcomeKind, speaks_of_mailbox
from timing.clocks import Clock

log = structlog.get_logger()

_REFUSED = "not sent: the reader left, or is no longer owed just this"


class Intend(NamedTuple):
    """Somebody asks to send this letter."""

    letter: Letter


class Ended(NamedTuple):
    """A try of this letter has ended."""

    letter: Letter
    outcome: Outcome


Entry = Intend | Ended


@dataclass(frozen=True)
class Ledger:
    """The ledger as one worker sees it, for the time of one lease."""

    store: Store
    lease: Lease
    machine: Clock
    stopped: Event = field(default_factory=Event, compare=False)
    """Set once an intent was refused because the lease is not ours any more, as when an operator pauses the edition."""

    def write(self, entries: Sequence[Entry], *, again: bool = False) -> list[bool]:
        """Commit some entries in one transaction; says of each intent whether the letter may be sent.

        An intent that is refused touches no other, and its row says why. Safe to repeat when nobody knows whether it
        was committed: then `again` must be said.
        """
        ended = [entry for entry in entries if isinstance(entry, Ended)]
        wanted = [entry.letter for entry in entries if isinstance(entry, Intend)]
        with self.store.writing(first=True) as session:
            self._end(session, ended, self._locked(session, entries, ended))
            allowed = self._intend(session, wanted, again=again)
        _tell(ended)
        return [isinstance(entry, Ended) or entry.letter.delivery.id in allowed for entry in entries]

    def _locked(self, session: Session, entries: Sequence[Entry], ended: Sequence[Ended]) -> Mapping[int, Locked]:
        """The rows of the letters that ended, and with them all readers: whoever leaves now comes after us."""
        with together(session):
            if not self.store.is_sqlite:
                intents.lock_readers(session, [entry.letter.delivery.id for entry in entries])
            asked = deliveries.lock(session, [entry.letter.delivery.id for entry in ended])
        return deliveries.locked(asked)

    def _intend(self, session: Session, letters: Sequence[Letter], *, again: bool) -> set[int]:
        allowed: set[int] = set()
        for attempt, some in _by_attempt(letters).items():
            fresh = [row.id for row in some if row.state != DeliveryState.in_doubt]
            doubtful = [row.id for row in some if row.state == DeliveryState.in_doubt]
            # A batch is of an edition with many letters, or of a single one.
            single, fence = some[0].purpose is not None, self.lease.fence
            if fresh:
                allowed |= intents.commit_intents(
                    session, fresh, attempt=attempt, fence=fence, again=again, single=single
                )
            if doubtful:
                allowed |= intents.commit_resends(session, doubtful, attempt=attempt, fence=fence, single=single)
        refused = [letter.delivery.id for letter in letters if letter.delivery.id not in allowed]
        if refused:
            self._close_refused(session, refused, again=again)
        return allowed

    def _close_refused(self, session: Session, ids: Collection[int], *, again: bool) -> None:
        """A letter that the intent refused is never sent; what it carried stays owed by the watermarks."""
        batch = session.get(Batch, self.lease.batch_id)
        if batch is None or batch.fence != self.lease.fence:
            self.stopped.set()
            return
        closed = {"reply": _REFUSED, "settled_at": self.machine()}
        was = [DeliveryState.pending, DeliveryState.soft, *([DeliveryState.intent] if again else [])]
        for delivery_id in ids:
            if not deliveries.settle(session, delivery_id, DeliveryState.superseded, was=was, values=closed):
                doubt = DeliveryState.in_doubt
                deliveries.settle(session, delivery_id, doubt, was=[doubt], values=closed)

    def _end(self, session: Session, ended: Sequence[Ended], rows: Mapping[int, Locked]) -> None:
        if not ended:
            return
        now = self.machine()
        released = any(outcome.kind is OutcomeKind.not_begun for _, outcome in ended)
        held = released and batches.is_held(session, self.lease)
        # A letter that is not there any more went with its reader, who was erased meanwhile.
        ended = [entry for entry in ended if entry.letter.delivery.id in rows]
        endings = {
            letter.delivery.id: ending(letter.delivery, rows[letter.delivery.id].state, outcome, now)
            for letter, outcome in ended
            # Whoever came to the batch since has closed or taken over what we would give back.
            if held or outcome.kind is not OutcomeKind.not_begun
        }
        of_digest = any(letter.kind == EditionKind.digest for letter, _ in ended)
        _carry_out(session, endings, rows, of_digest=of_digest)
        for letter, outcome in ended:
            if outcome.bad_address:
                _suppress_address_of(session, letter.delivery, reason=f"bounced: {outcome.reply}", now=now)
            if endings.get(letter.delivery.id, NOTHING).gave_up:
                _note_given_up(session, letter.delivery, outcome, now)


def recover(session: Session, lease: Lease, *, now: datetime) -> int:
    """Turn the intents of a batch's former, dead lease into letters in doubt; gives how many there were."""
    left = deliveries.left_in_intent(session, lease.batch_id)
    rows = deliveries.locked(deliveries.lock(session, left))
    reply = "the program stopped before the relay's answer was known"
    _carry_out(session, {key: in_doubt(row.state, reply=reply, retry_at=now) for key, row in rows.items()}, rows)
    return len(left)


def _tell(ended: Sequence[Ended]) -> None:
    """A line for each letter that was not sent. The many that were are in the ledger, and would only fill the log."""
    for letter, outcome in ended:
        if outcome.kind is not OutcomeKind.sent:
            log.info("letter not sent", delivery=letter.delivery.id, outcome=outcome.kind.value, code=outcome.code)


def _carry_out(
    session: Session, endings: Mapping[int, Ending], rows: Mapping[int, Locked], *, of_digest: bool = True
) -> None:
    carried = [key for key, one in endings.items() if one.carried]
    catching_up = any(rows[key].catches_up for key in carried)
    # What catch-ups ask besides wants its answers one by one.
    with nullcontext() if catching_up else together(session):
        deliveries.settle_all(session, {key: one.values for key, one in endings.items() if one.values})
        if carried:
            deliveries.advance_watermarks(session, carried, catching_up=catching_up, of_digest=of_digest)


def _note_given_up(session: Session, row: Delivery | Waiting, outcome: Outcome, now: datetime) -> None:
    """What a mailbox refused for now until the last try counts like what came back (scheduler.patience weighs it)."""
    if row.purpose is None and row.subscriber_id and speaks_of_mailbox(outcome.code or 0, outcome.reply):
        bounces.note_refusal(session, row.id, row.subscriber_id, words=outcome.reply, status=outcome.enhanced, at=now)


def _by_attempt(letters: Sequence[Letter]) -> dict[int, list[Delivery | Waiting]]:
    """The rows by the number that this try of them has."""
    found: dict[int, list[Delivery | Waiting]] = {}
    for letter in letters:
        found.setdefault(letter.delivery.attempts + 1, []).append(letter.delivery)
    return found


def _suppress_address_of(session: Session, delivery: Delivery | Waiting, *, reason: str, now: datetime) -> None:
    """Write no more to the address of this letter, which need not be its reader's (any more).

    Not to an operator's: a relay that is set up wrongly refuses many an address, and who is to mend it must hear of it.
    """
    if delivery.purpose in TO_OPERATORS:
        return
    if delivery.purpose is None and delivery.subscriber_id is not None:
        suppress(session, delivery.subscriber_id, reason=reason, now=now)
        return
    theirs = session.scalars(select(Subscriber.id).where(Subscriber.fingerprint == delivery.fingerprint)).all()
    for subscriber_id in theirs:
        suppress(session, subscriber_id, reason=reason, now=now)
    if not theirs and delivery.fingerprint:
        hard = SuppressionKind.hard
        suppressions.suppress(
            session, delivery.fingerprint, address=delivery.address, kind=hard, reason=reason, now=now
        )


def suppress(session: Session, subscriber_id: int, *, reason: str, now: datetime) -> None:
    """Write to this reader's address no more: its server calls it wrong."""
    reader = session.get(Subscriber, subscriber_id)
    if reader is None:  # erased meanwhile, which suppresses too
        return
    hard = SuppressionKind.hard
    suppressions.suppress(session, reader.fingerprint, address=reader.address, kind=hard, reason=reason, now=now)
