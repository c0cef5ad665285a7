"""Whether letters may be sent: the statements that allow the dot."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Executable, Update, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from db.states import STOPPED_EDITIONS, DeliveryState, SubscriberState, SubscriptionState
from db.tables import Batch, Delivery, DeliveryMark, Edition, Subscriber, Subscription, Suppression


def commit_intents(
    session: Session, ids: Collection[int], *, attempt: int, fence: int, again: bool = False
) -> set[int]:
    """The statement that allows the dot: letters go from pending or soft to intent. Gives those that did.

    It refuses a letter when the reader left or is suppressed, when a watermark is no longer the one that the letter
    was built from, when another letter of this reader is open, when the batch has a new fence, or when the edition is
    paused or cancelled: the steps that do this give its batches a new fence too, so that the row stays open.

    `attempt` counts the tries of these letters, this one included. Asked `again`, because the answer of the first time
    was lost, it takes what may have been written then for its own.
    """
    return _ids_met(session, _intents(again), ids, attempt=attempt, fence=fence)


def commit_resends(session: Session, ids: Collection[int], *, attempt: int, fence: int) -> set[int]:
    """The same for letters in doubt. They stay in doubt until the relay has answered; their posts count as sent."""
    return _ids_met(session, _resends(), ids, attempt=attempt, fence=fence)


def _ids_met(session: Session, statement: Executable, ids: Collection[int], *, attempt: int, fence: int) -> set[int]:
    session.flush()
    values = {"ids": list(ids), "attempt": attempt, "fence": fence}
    return set(session.connection().execute(statement, values).scalars())


# Put together once: that costs more than the database takes to answer.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


@cache
def _intents(again: bool) -> Executable:
    untried = Delivery.state.in_([DeliveryState.pending, DeliveryState.soft])
    mine = and_(Delivery.state == DeliveryState.intent, Delivery.attempts == bindparam("attempt"))
    statement = update(Delivery).where(
        Delivery.id.in_(_IDS),
        or_(untried, mine) if again else untried,
        _may_write_to(),
        ~_any_mark(Subscription.watermark != DeliveryMark.after),
        _holds(),
        _goes_out(),
    )
    return _begun(statement, DeliveryState.intent)


@cache
def _resends() -> Executable:
    doubtful = (Delivery.id.in_(_IDS), Delivery.state == DeliveryState.in_doubt)
    statement = update(Delivery).where(*doubtful, _may_write_to(), _holds(), _goes_out())
    return _begun(statement, DeliveryState.in_doubt)


def _begun(statement: Update, state: DeliveryState) -> Executable:
    values: dict[str, Any] = {"state": state, "attempts": bindparam("attempt"), "retry_at": None, "asked_at": None}
    return statement.values(values).returning(Delivery.id)


def _may_write_to() -> ColumnElement[bool]:
    suppressed = exists().where(Suppression.fingerprint == Subscriber.fingerprint)
    reader = exists().where(
        Subscriber.id == Delivery.subscriber_id,
        Subscriber.state == SubscriberState.active,
        Subscriber.address == Delivery.address,
        ~suppressed.correlate(Subscriber),
    )
    left = _any_mark(Subscription.state != SubscriptionState.active)
    return reader.correlate(Delivery) & ~left


def _any_mark(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    marked = exists().where(
        DeliveryMark.delivery_id == Delivery.id, Subscription.id == DeliveryMark.subscription_id, condition
    )
    return marked.correlate(Delivery)


def _holds() -> ColumnElement[bool]:
    return exists().where(Batch.id == Delivery.batch_id, Batch.fence == bindparam("fence")).correlate(Delivery)


def _goes_out() -> ColumnElement[bool]:
    going = exists().where(Edition.id == Delivery.edition_id, Edition.state.not_in(STOPPED_EDITIONS))
    return going.correlate(Delivery)


def lock_readers(session: Session, ids: Collection[int]) -> None:
    """Keep the readers of these letters as they are until the transaction ends, so that whoever leaves comes after it.

    In one order for all workers. SQLite has one writer, and needs nothing of the kind.
    """
    session.connection().execute(_readers(), {"ids": list(ids)}).all()


@cache
def _readers() -> Executable:
    of_letters = select(Delivery.subscriber_id).where(Delivery.id.in_(_IDS))
    statement = select(Subscriber.id).where(Subscriber.id.in_(of_letters)).order_by(Subscriber.id)
    return statement.with_for_update(key_share=True)
