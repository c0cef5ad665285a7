"""Whether letters may be sent: the statements that allow the dot."""

from collections.abc import Collection
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Update, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from db.prepared import Prepared, among_ids, given
from db.states import STOPPED_EDITIONS, TO_OPERATORS, DeliveryState, Purpose, SubscriberState, SubscriptionState
from db.tables import Batch, Delivery, DeliveryMark, Edition, Subscriber, Subscription, Suppression, Wish


def commit_intents(
    session: Session, ids: Collection[int], *, attempt: int, fence: int, again: bool = False, single: bool = False
) -> set[int]:
    """The statement that allows the dot: letters go from pending or soft to intent. Gives those that did.

    It refuses a letter when the reader left or is suppressed, when a watermark is no longer the one that the letter
    was built from, when another letter of this reader is open, when the batch has a new fence, or when the edition is
    paused or cancelled: the steps that do this give its batches a new fence too, so that the row stays open. A single
    letter is refused when its address is suppressed, the reader's state is not one that it is for, or its link would
    grant nothing any more; that of a correction also when the reader follows its series no more.

    The letters are all of editions, or all `single`. `attempt` counts their tries, this one included. Asked `again`,
    because the answer of the first time was lost, it takes what may have been written then for its own.
    """
    return _ids_met(session, _intents(again, single), ids, attempt=attempt, fence=fence)


def commit_resends(
    session: Session, ids: Collection[int], *, attempt: int, fence: int, single: bool = False
) -> set[int]:
    """The same for letters in doubt. They stay in doubt until the relay has answered; their posts count as sent."""
    return _ids_met(session, _resends(single), ids, attempt=attempt, fence=fence)


def may_go(session: Session, delivery_id: int) -> bool:
    """Whether this letter may be written to its address as things stand."""
    single = session.get_one(Delivery, delivery_id).purpose is not None
    allowed = _may_get_single() if single else _may_get_editions()
    return session.scalar(select(Delivery.id).where(Delivery.id == delivery_id, allowed)) is not None


def _ids_met(session: Session, statement: Prepared, ids: Collection[int], *, attempt: int, fence: int) -> set[int]:
    session.flush()
    return {key for (key,) in statement.run(session, ids=ids, attempt=attempt, fence=fence)}


@cache
def _intents(again: bool, single: bool) -> Prepared:
    untried = Delivery.state.in_([DeliveryState.pending, DeliveryState.soft])
    mine = and_(Delivery.state == DeliveryState.intent, Delivery.attempts == given("attempt"))
    statement = update(Delivery).where(
        among_ids(Delivery.id),
        or_(untried, mine) if again else untried,
        _may_get_single() if single else _may_get_editions(),
        ~_any_mark(Subscription.watermark != DeliveryMark.after),
        _holds(),
        _goes_out(),
    )
    return _begun(statement, DeliveryState.intent)


@cache
def _resends(single: bool) -> Prepared:
    doubtful = (among_ids(Delivery.id), Delivery.state == DeliveryState.in_doubt)
    statement = update(Delivery).where(
        *doubtful, _may_get_single() if single else _may_get_editions(), _holds(), _goes_out()
    )
    return _begun(statement, DeliveryState.in_doubt)


def _begun(statement: Update, state: DeliveryState) -> Prepared:
    values: dict[str, Any] = {"state": state, "attempts": given("attempt"), "retry_at": None, "asked_at": None}
    return Prepared(statement.values(values).returning(Delivery.id))


_READING: Final = (SubscriberState.active, SubscriberState.paused)
_STATES: Final = {
    Purpose.confirm: (SubscriberState.pending, SubscriberState.left),
    Purpose.goodbye: (SubscriberState.left,),
    Purpose.export: (*_READING, SubscriberState.left),
    Purpose.erase: (*_READING, SubscriberState.left),
}
"""Readers to whom a single letter may go: also to those who left, what they ask for after it. Those that are not named
here go only to who gets letters.
"""


# Two rules, each in statements of its own: for the many letters of editions the database sees plain joins.
def _may_get_single() -> ColumnElement[bool]:
    suppressed = exists().where(Suppression.fingerprint == Delivery.fingerprint).correlate(Delivery)
    in_state = [and_(Delivery.purpose == one, Subscriber.state.in_(states)) for one, states in _STATES.items()]
    others = and_(Delivery.purpose.not_in(list(_STATES)), Subscriber.state.in_(_READING))
    # A new address is the reader's only once its letter has been answered.
    theirs = or_(Subscriber.address == Delivery.address, Delivery.purpose == Purpose.new_address)
    follows = or_(Delivery.purpose != Purpose.correction, _follows_series_of_edition())
    reader = exists().where(Subscriber.id == Delivery.subscriber_id, theirs, or_(*in_state, others))
    in_vain = exists().where(Wish.id == Delivery.wish_id, Wish.ended_at.is_not(None)).correlate(Delivery)
    to_reader = reader.correlate(Delivery) & follows
    return ~in_vain & ~suppressed & or_(Delivery.purpose.in_(TO_OPERATORS), to_reader)


def _follows_series_of_edition() -> ColumnElement[bool]:
    following = exists().where(
        Edition.id == Delivery.edition_id,
        Subscription.series_id == Edition.series_id,
        Subscription.subscriber_id == Delivery.subscriber_id,
        Subscription.state == SubscriptionState.active,
    )
    return following.correlate(Delivery)


def _may_get_editions() -> ColumnElement[bool]:
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
    return exists().where(Batch.id == Delivery.batch_id, Batch.fence == given("fence")).correlate(Delivery)


def _goes_out() -> ColumnElement[bool]:
    going = exists().where(Edition.id == Delivery.edition_id, Edition.state.not_in(STOPPED_EDITIONS))
    return going.correlate(Delivery)


def lock_readers(session: Session, ids: Collection[int]) -> None:
    """Keep the readers of these letters as they are until the transaction ends, so that whoever leaves comes after it.

    In one order for all workers. SQLite has one writer, and needs nothing of the kind.
    """
    _readers().ask(session, ids=ids)


@cache
def _readers() -> Prepared:
    of_letters = select(Delivery.subscriber_id).where(among_ids(Delivery.id))
    statement = select(Subscriber.id).where(Subscriber.id.in_(of_letters)).order_by(Subscriber.id)
    return Prepared(statement.with_for_update(key_share=True))
