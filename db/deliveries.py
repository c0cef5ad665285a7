"""The ledger's questions: which letters of a batch are open, may this one be sent, how did it end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db import audience, catch_ups
from db.statements import rows_met
from db.states import (
    OPEN_DELIVERIES,
    STOPPED_EDITIONS,
    DeliveryState,
    EditionKind,
    PostState,
    SubscriberState,
    SubscriptionState,
)
from db.tables import (
    Batch,
    Delivery,
    DeliveryMark,
    Edition,
    Post,
    Release,
    Subscriber,
    Subscription,
    Suppression,
    Variant,
)


class Letter(NamedTuple):
    """One row of the ledger with what is needed to make its bytes."""

    delivery: Delivery
    variant: Variant
    edition_key: str


def to_try(session: Session, batch_id: int, *, now: datetime, resend: bool, limit: int) -> list[Letter]:
    """Letters of a batch that can be tried at machine time `now`; none of an edition that is paused or cancelled.

    Those in doubt only under the policy `resend`, or when an operator asked for it.
    """
    untried = Delivery.state.in_([DeliveryState.pending, DeliveryState.soft])
    ready = or_(Delivery.retry_at.is_(None), Delivery.retry_at <= now)
    statement = (
        select(Delivery, Variant, Edition.key)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Delivery.batch_id == batch_id, untried | _to_resend(resend), ready)
        .where(Edition.state.not_in(STOPPED_EDITIONS))
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    return [Letter(*row) for row in session.execute(statement)]


def next_retry_at(session: Session, batch_id: int, *, resend: bool) -> datetime | None:
    """When the next open letter of a batch is to be tried; None when no letter of it is open."""
    still = Delivery.state.in_(OPEN_DELIVERIES) | _to_resend(resend)
    return session.scalar(select(func.min(Delivery.retry_at)).where(Delivery.batch_id == batch_id, still))


def any_open(session: Session, batch_id: int, *, resend: bool) -> bool:
    still = Delivery.state.in_(OPEN_DELIVERIES) | _to_resend(resend)
    return session.scalar(select(Delivery.id).where(Delivery.batch_id == batch_id, still).limit(1)) is not None


def _to_resend(resend: bool) -> ColumnElement[bool]:
    """Letters in doubt that may be sent again: one that is settled stays in doubt for good."""
    unsettled = and_(Delivery.state == DeliveryState.in_doubt, Delivery.settled_at.is_(None))
    return unsettled if resend else and_(unsettled, Delivery.asked_at.is_not(None))


def commit_intent(session: Session, delivery_id: int, *, fence: int) -> bool:
    """The statement that allows the dot: the letter goes from pending or soft to intent.

    It refuses (False) when the reader left or is suppressed, when a watermark is no longer the one that the letter was
    built from, when another letter of this reader is open, when the batch has a new fence, or when the edition is
    paused or cancelled: the steps that do this give its batches a new fence too, so that the row stays open.
    """
    statement = update(Delivery).where(
        Delivery.id == delivery_id,
        Delivery.state.in_([DeliveryState.pending, DeliveryState.soft]),
        _may_write_to(),
        ~_any_mark(Subscription.watermark != DeliveryMark.after),
        _holds(fence),
        _goes_out(),
    )
    return rows_met(session, statement.values(_begun(DeliveryState.intent))) == 1


def commit_resend(session: Session, delivery_id: int, *, fence: int) -> bool:
    """The same for a letter in doubt. It stays in doubt until the relay has answered; its posts count as sent."""
    statement = update(Delivery).where(
        Delivery.id == delivery_id,
        Delivery.state == DeliveryState.in_doubt,
        _may_write_to(),
        _holds(fence),
        _goes_out(),
    )
    return rows_met(session, statement.values(_begun(DeliveryState.in_doubt))) == 1


def _begun(state: DeliveryState) -> dict[str, Any]:
    return {"state": state, "attempts": Delivery.attempts + 1, "retry_at": None, "asked_at": None}


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


def _holds(fence: int) -> ColumnElement[bool]:
    return exists().where(Batch.id == Delivery.batch_id, Batch.fence == fence).correlate(Delivery)


def _goes_out() -> ColumnElement[bool]:
    going = exists().where(Edition.id == Delivery.edition_id, Edition.state.not_in(STOPPED_EDITIONS))
    return going.correlate(Delivery)


def settle(
    session: Session, delivery_id: int, state: DeliveryState, *, was: Sequence[str], values: dict[str, Any]
) -> bool:
    """Write how a letter ended, if it is still in one of the states `was`."""
    statement = update(Delivery).where(Delivery.id == delivery_id, Delivery.state.in_(was))
    return rows_met(session, statement.values(state=state, **values)) == 1


def advance_watermarks(session: Session, delivery_id: int) -> None:
    """Move the reader's watermarks over what this letter carries, and note the moment of a digest.

    A catch-up that the letter is a step of takes this step; one that has met the live run ends.
    """
    catch_ups.take_step(session, [delivery_id])
    upto = select(DeliveryMark.upto).where(
        DeliveryMark.delivery_id == delivery_id, DeliveryMark.subscription_id == Subscription.id
    )
    marked = exists().where(
        DeliveryMark.delivery_id == delivery_id,
        DeliveryMark.subscription_id == Subscription.id,
        DeliveryMark.after == Subscription.watermark,
    )
    session.execute(update(Subscription).where(marked).values(watermark=upto.scalar_subquery()))
    catch_ups.end_at_the_live_run(session, [delivery_id])
    moment = (
        select(Edition.moment)
        .join(Delivery, Delivery.edition_id == Edition.id)
        .where(Delivery.id == delivery_id, Edition.kind == EditionKind.digest)
    )
    of_digest = select(Delivery.subscriber_id).join(Edition, Edition.id == Delivery.edition_id)
    of_digest = of_digest.where(Delivery.id == delivery_id, Edition.kind == EditionKind.digest)
    session.execute(
        update(Subscriber)
        .where(Subscriber.id == of_digest.scalar_subquery())
        .values(last_moment=moment.scalar_subquery())
    )


def left_in_intent(session: Session, batch_id: int) -> Sequence[int]:
    """Letters of a batch whose intent a dead worker left behind."""
    statement = select(Delivery.id).where(Delivery.batch_id == batch_id, Delivery.state == DeliveryState.intent)
    return session.scalars(statement.order_by(Delivery.id)).all()


def open_of(session: Session, subscriber_ids: Sequence[int]) -> dict[int, Delivery]:
    """The one open letter of each of these readers, where there is one."""
    statement = select(Delivery).where(Delivery.subscriber_id.in_(subscriber_ids), Delivery.state.in_(OPEN_DELIVERIES))
    return {row.subscriber_id: row for row in session.scalars(statement)}


def marks_of(session: Session, delivery_ids: Sequence[int]) -> dict[int, list[DeliveryMark]]:
    """The stretches of open letters that a later letter must carry to take their place.

    Not what the reader left meanwhile, nor what a watermark has passed, nor a stretch of which every post was
    withdrawn: such a letter may wait for ever, in a paused edition, and must not keep the reader from later ones.
    """
    found: dict[int, list[DeliveryMark]] = {delivery_id: [] for delivery_id in delivery_ids}
    statement = (
        select(DeliveryMark)
        .join(Subscription, Subscription.id == DeliveryMark.subscription_id)
        .where(DeliveryMark.delivery_id.in_(delivery_ids), _something_in_it())
        .where(Subscription.state == SubscriptionState.active, Subscription.watermark == DeliveryMark.after)
    )
    for mark in session.scalars(statement):
        found[mark.delivery_id].append(mark)
    return found


def _something_in_it() -> ColumnElement[bool]:
    carried = exists().where(
        Release.series_id == Subscription.series_id,
        Release.seq > DeliveryMark.after,
        Release.seq <= DeliveryMark.upto,
        or_(Release.silent.is_(False), audience.catches_up()),
        Post.id == Release.post_id,
        Post.state == PostState.released,
    )
    return carried.correlate(Subscription, DeliveryMark)


def counts(session: Session) -> dict[str, int]:
    """How many letters are in each state."""
    return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


def counts_of(session: Session, edition_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each of these editions, how many of its letters are in each state. Asked of an index alone, by batch."""
    found: dict[int, dict[str, int]] = {edition_id: {} for edition_id in edition_ids}
    statement = (
        select(Batch.edition_id, Delivery.state, func.count())
        .join(Delivery, Delivery.batch_id == Batch.id)
        .where(Batch.edition_id.in_(edition_ids))
        .group_by(Batch.edition_id, Delivery.state)
    )
    for edition_id, state, count in session.execute(statement):
        found[edition_id][state] = count
    return found
