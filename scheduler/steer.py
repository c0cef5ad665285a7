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
from db.said import say, worded
from db.states import STOPPED_EDITIONS, DeliveryState, EditionState, SubscriberState
from db.tables import Audit, Delivery, Edition
from scheduler.naming import letter_named

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
    EditionState.due: worded(
        "is about to begin; `fascicle editions pause` stops it", say("is about to begin; pausing it stops it")
    ),
    EditionState.sending: worded(
        "is going out; `fascicle editions pause` stops it", say("is going out; pausing it stops it")
    ),
    EditionState.paused: worded(
        "is paused; `fascicle editions resume` lets it go on, `fascicle editions cancel` ends it",
        say("is paused; resuming lets it go on, cancelling ends it"),
    ),
    EditionState.finished: worded(
        "is finished: nothing of it waits. `fascicle deliveries list --edition` shows its letters",
        say("is finished: nothing of it waits"),
    ),
    EditionState.cancelled: say("was cancelled and never goes on; later editions carry what is still owed"),
}


def check(step: Step, key: str, state: EditionState) -> None:
    """Raises SteeringRefused when an edition in this state cannot take the step."""
    if state not in _FROM[step]:
        raise SteeringRefused(
            say("%(key)s cannot be %(done)s: it %(how)s", key=key, done=_DONE[step], how=_AS_IT_IS[state])
        )


_DONE = {
    Step.pause: say("paused"),
    Step.resume: say("resumed"),
    Step.cancel: say("cancelled"),
    Step.retry: say("tried again"),
}


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
        changed = say("%(key)s changed this very moment; look again", key=key)
        raise SteeringRefused(
            worded(f"{key} changed this very moment; look with `fascicle editions show {key}`", changed)
        )
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
        letters = _letters(session, ids, DeliveryState.soft, say("only soft letters wait for another try"))
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
            raise _refused(delivery_id, say("it is not wanted any more, or its address is suppressed"))
    elif reader.state == SubscriberState.suppressed:
        raise _refused(delivery_id, say("%(address)s is suppressed, and gets nothing", address=reader.address))
    elif (other := ledger.other_open(session, row)) is not None:
        raise _refused(delivery_id, say("letter %(other)s to the same reader waits; see to that one", other=other))
    elif reader.state != SubscriberState.active or not ledger.is_owed_still(session, delivery_id):
        not_owed = say("the reader is not owed it any more; their page says what is")
        command = "the reader is not owed it any more; `fascicle subscribers show` says what is"
        raise _refused(delivery_id, worded(command, not_owed))


def _refused(delivery_id: int, why: str) -> SteeringRefused:
    return SteeringRefused(say("letter %(number)s: %(why)s", number=delivery_id, why=why))


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
    words = say("only letters in doubt are resent or settled")
    letters = _letters(session, ids, DeliveryState.in_doubt, words, also_stopped=also_stopped)
    for letter in letters:
        if letter.delivery.settled_at is not None:
            settled = {"number": letter.delivery.id, "at": letter.delivery.settled_at}
            raise SteeringRefused(
                say("letter %(number)s was settled on %(at)s UTC: it stays in doubt for good", **settled)
            )
    return letters


def _letters(
    session: Session, ids: Sequence[int], state: DeliveryState, words: str, *, also_stopped: bool = False
) -> list[Entry]:
    found = ledger.locked(session, ids)
    for delivery_id in ids:
        if delivery_id not in found:
            none = say("no letter %(number)s", number=delivery_id)
            raise BadValue(worded(f"{none}; `fascicle deliveries list` shows those there are", none))
        row, edition = found[delivery_id]
        if row.state != state:
            values = {"number": delivery_id, "state": letter_named(DeliveryState(row.state)), "words": words}
            raise SteeringRefused(say("letter %(number)s is %(state)s: %(words)s", **values))
        if not edition.words_kept and not also_stopped:
            raise _refused(delivery_id, say("its words were let go, as `mail.keep_days` says: it is not sent again"))
        if edition.state in STOPPED_EDITIONS and not also_stopped:
            how = _AS_IT_IS[EditionState(edition.state)]
            raise _refused(delivery_id, say("its edition %(key)s %(how)s", key=edition.key, how=how))
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
