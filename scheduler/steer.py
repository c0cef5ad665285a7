"""Steering what goes out: pausing, resuming and cancelling an edition; trying, resending and settling its letters.

Each step is one short transaction that says who did it and why; cancelling and retrying go on batch by batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from db import batches, editions, intents, ledger
from db.engine import Store
from db.errors import BadValue, FascicleError
from db.ledger import Entry
from db.states import STOPPED_EDITIONS, DeliveryState, EditionState, SubscriberState
from db.tables import Audit, Delivery, Edition

BREAKER = "the program"
"""Who pauses an edition when relays refuse letter after letter."""
CANCELLED = "not sent: its edition was cancelled; a later edition carries what is still owed"


class SteeringRefused(FascicleError):
    """An edition or a letter is not in a state in which this can be done."""


class Step(StrEnum):
    """What an operator does with an edition or its letters, as the record names it."""

    pause = "pause"
    resume = "resume"
    cancel = "cancel"
    retry = "retry"
    resend = "resend"
    settle = "settle"


@dataclass(frozen=True)
class By:
    """Who takes a step, when, and why."""

    who: str
    at: datetime
    reason: str = ""


_FROM: dict[Step, frozenset[EditionState]] = {
    Step.pause: frozenset({EditionState.due, EditionState.sending}),
    Step.resume: frozenset({EditionState.paused}),
    # Again on one that is cancelled: a cancelling that was interrupted is brought to its end.
    Step.cancel: frozenset({EditionState.due, EditionState.sending, EditionState.paused, EditionState.cancelled}),
    Step.retry: frozenset({EditionState.sending}),
}

_AS_IT_IS: dict[EditionState, str] = {
    EditionState.due: "is about to begin; `fascicle editions pause` stops it",
    EditionState.sending: "is going out; `fascicle editions pause` stops it",
    EditionState.paused: "is paused; `fascicle editions resume` lets it go on, `fascicle editions cancel` ends it",
    EditionState.finished: "is finished: nothing of it waits. `fascicle deliveries list --edition` shows its letters",
    EditionState.cancelled: "was cancelled and never goes on; later editions carry what is still owed",
}


def check(step: Step, key: str, state: EditionState) -> None:
    """Raises SteeringRefused when an edition in this state cannot take the step."""
    if state not in _FROM[step]:
        raise SteeringRefused(f"{key} cannot be {_DONE[step]}: it {_AS_IT_IS[state]}")


_DONE = {Step.pause: "paused", Step.resume: "resumed", Step.cancel: "cancelled", Step.retry: "tried again"}


def pause(store: Store, key: str, by: By) -> None:
    """Send nothing more of an edition until it is resumed; letters whose dot is out still come to their end.

    Raises BadValue for a key that is not there, SteeringRefused for an edition that is paused or over.
    """
    with store.writing() as session:
        edition = _moved(session, key, Step.pause, EditionState.paused)
        batches.take_back(session, edition.id)
        _note(session, edition.id, Step.pause, by)


def resume(store: Store, key: str, by: By) -> None:
    """Let a paused edition go on where it stood. Raises as `pause` does."""
    with store.writing() as session:
        # Due, not sending: it may have been paused before it was cut to its end, and cutting goes on where it was.
        edition = _moved(session, key, Step.resume, EditionState.due)
        _note(session, edition.id, Step.resume, by)


def cancel(store: Store, key: str, by: By) -> int:
    """Send nothing more of an edition, ever; gives how many letters were waiting. Raises as `pause` does.

    No watermark moves: what the letters carried stays owed, and the next edition for each reader carries it. Letters
    in doubt stay so for good. May be repeated when it was interrupted.
    """
    with store.writing() as session:
        edition = _moved(session, key, Step.cancel, EditionState.cancelled)
        batches.take_back(session, edition.id)
        batches.finish_all(session, edition.id)
        ledger.leave_in_doubt(session, edition.id, now=by.at)
        _note(session, edition.id, Step.cancel, by)
    return _batch_by_batch(
        store, edition.id, lambda session, batch: ledger.close_waiting(session, batch, reply=CANCELLED, now=by.at)
    )


def _batch_by_batch(store: Store, edition_id: int, step: Callable[[Session, int], int]) -> int:
    """A transaction for each batch, so that nobody waits for the store; gives the sum."""
    with store.reading() as session:
        ids = batches.ids_of(session, edition_id)
    total = 0
    for batch_id in ids:
        with store.writing() as session:
            total += step(session, batch_id)
    return total


def _moved(session: Session, key: str, step: Step, to: EditionState) -> Edition:
    edition = editions.by_key(session, key)
    check(step, key, EditionState(edition.state))
    if not editions.move_state(session, edition.id, to, was=_FROM[step]):
        raise SteeringRefused(f"{key} changed this very moment; look with `fascicle editions show {key}`")
    return edition


def retry(store: Store, key: str, by: By) -> int:
    """Try all letters of an edition now that wait for another try; gives how many. Raises as `pause` does."""
    with store.writing() as session:
        edition = editions.by_key(session, key)
        check(Step.retry, key, EditionState(edition.state))
        _note(session, edition.id, Step.retry, by)
    return _batch_by_batch(store, edition.id, _try_now)


def _try_now(session: Session, batch_id: int) -> int:
    tried = ledger.try_batch_now(session, batch_id)
    if tried:
        batches.wake(session, [batch_id])
    return tried


def retry_letters(store: Store, ids: Sequence[int], by: By) -> None:
    """Try these soft letters now: all of them, or none when one cannot be (BadValue, SteeringRefused)."""
    with store.writing() as session:
        letters = _letters(session, ids, DeliveryState.soft, "only soft letters wait for another try")
        for letter in letters:
            letter.delivery.retry_at = None
        _set_going(session, letters, Step.retry, by)


def retry_hard(store: Store, delivery_id: int, by: By) -> None:
    """Try a letter once more that was refused for good. Raises BadValue or SteeringRefused.

    A hard letter moved no watermark, so its posts are owed still. It is opened again only while no other letter to
    this reader is open and none has carried its posts since; then it passes the same intent as any.
    """
    with store.writing() as session:
        [letter] = _letters(session, [delivery_id], DeliveryState.hard, "--hard is for letters refused for good")
        _refuse_to_open(session, letter.delivery)
        row = letter.delivery
        row.state, row.retry_at, row.settled_at = DeliveryState.soft, None, None
        _set_going(session, [letter], Step.retry, by)


def _refuse_to_open(session: Session, row: Delivery) -> None:
    """Raises SteeringRefused for a letter that no intent would let go."""
    delivery_id = row.id
    reader = None if row.subscriber_id is None else ledger.hold_reader(session, row.subscriber_id)
    if row.purpose is not None or reader is None:
        if not intents.may_go(session, delivery_id):
            raise SteeringRefused(f"letter {delivery_id}: it is not wanted any more, or its address is suppressed")
    elif reader.state == SubscriberState.suppressed:
        raise SteeringRefused(f"letter {delivery_id}: {reader.address} is suppressed, and gets nothing")
    elif (other := ledger.other_open(session, row)) is not None:
        raise SteeringRefused(f"letter {delivery_id}: letter {other} to the same reader waits; see to that one")
    elif reader.state != SubscriberState.active or not ledger.is_owed_still(session, delivery_id):
        raise SteeringRefused(
            f"letter {delivery_id}: the reader is not owed it any more; `fascicle subscribers show` says what is"
        )


def resend(store: Store, ids: Sequence[int], by: By) -> None:
    """Send these letters in doubt again, byte for byte, once, whatever the policy is.

    All of them, or none when one cannot be (BadValue, SteeringRefused).
    """
    with store.writing() as session:
        letters = _undecided(session, ids)
        for letter in letters:
            letter.delivery.asked_at, letter.delivery.retry_at = by.at, None
        _set_going(session, letters, Step.resend, by)


def settle(store: Store, ids: Sequence[int], by: By) -> None:
    """Leave these letters in doubt for good: they count as sent. All or none (BadValue, SteeringRefused)."""
    with store.writing() as session:
        for letter in _undecided(session, ids, also_stopped=True):
            row = letter.delivery
            row.settled_at, row.retry_at, row.asked_at = by.at, None, None
            _note(session, letter.edition.id, Step.settle, by, letter=row.id)


def _undecided(session: Session, ids: Sequence[int], *, also_stopped: bool = False) -> list[Entry]:
    words = "only letters in doubt are resent or settled"
    letters = _letters(session, ids, DeliveryState.in_doubt, words, also_stopped=also_stopped)
    for letter in letters:
        if letter.delivery.settled_at is not None:
            raise SteeringRefused(
                f"letter {letter.delivery.id} was settled on {letter.delivery.settled_at:%Y-%m-%d %H:%M} UTC: "
                "it stays in doubt for good"
            )
    return letters


def _letters(
    session: Session, ids: Sequence[int], state: DeliveryState, words: str, *, also_stopped: bool = False
) -> list[Entry]:
    found = ledger.locked(session, ids)
    for delivery_id in ids:
        if delivery_id not in found:
            raise BadValue(f"no letter {delivery_id}; `fascicle deliveries list` shows those there are")
        row, edition = found[delivery_id]
        if row.state != state:
            said = row.state.replace("_", " ")
            raise SteeringRefused(f"letter {delivery_id} is {said}: {words}")
        if not edition.words_kept and not also_stopped:
            raise SteeringRefused(
                f"letter {delivery_id}: its words were let go, as `mail.keep_days` says: it is not sent again"
            )
        if edition.state in STOPPED_EDITIONS and not also_stopped:
            said = _AS_IT_IS[EditionState(edition.state)]
            raise SteeringRefused(f"letter {delivery_id}: its edition {edition.key} {said}")
    return list(found.values())


def _set_going(session: Session, letters: Sequence[Entry], step: Step, by: By) -> None:
    """Have a worker see to these letters, also where their edition was finished."""
    session.flush()
    batches.wake(session, {letter.delivery.batch_id for letter in letters})
    for letter in letters:
        editions.move_state(session, letter.edition.id, EditionState.sending, was=[EditionState.finished])
        _note(session, letter.edition.id, step, by, letter=letter.delivery.id)


def _note(session: Session, edition_id: int, step: Step, by: By, *, letter: int | None = None) -> None:
    detail = {"reason": by.reason} if letter is None else {"reason": by.reason, "letter": letter}
    session.add(Audit(at=by.at, actor=by.who, action=step, subject=editions.subject(edition_id), detail=detail))
