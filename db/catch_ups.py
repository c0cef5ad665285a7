"""Catch-ups: subscriptions that walk through a series from its past, at a pace of their own."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.tables import CatchUp, Delivery, DeliveryMark, Series, Subscription

NOWHERE = -1
"""Where no watermark ever lies."""


def find(session: Session, subscription_id: int) -> CatchUp | None:
    return session.get(CatchUp, subscription_id)


def of(session: Session, subscription_ids: Sequence[int]) -> dict[int, CatchUp]:
    """Those of these subscriptions that catch up."""
    statement = select(CatchUp).where(CatchUp.subscription_id.in_(subscription_ids))
    return {row.subscription_id: row for row in session.scalars(statement)}


def any_unfound(session: Session) -> bool:
    """Whether the next date of some catch-up has to be found."""
    return session.scalar(select(CatchUp.subscription_id).where(CatchUp.next_on.is_(None)).limit(1)) is not None


def unfound(session: Session, *, limit: int) -> Sequence[CatchUp]:
    """Catch-ups without a next date, locked; those that another transaction has are left to it."""
    statement = select(CatchUp).where(CatchUp.next_on.is_(None)).order_by(CatchUp.subscription_id).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def take_step(session: Session, delivery_ids: Sequence[int]) -> None:
    """Note the date of the step that these letters bring catch-ups on; to be asked before watermarks move."""
    step = (
        select(Delivery.paced_on)
        .join(DeliveryMark, DeliveryMark.delivery_id == Delivery.id)
        .join(Subscription, Subscription.id == DeliveryMark.subscription_id)
        .where(Delivery.id.in_(delivery_ids), Delivery.paced_on.is_not(None))
        .where(Subscription.id == CatchUp.subscription_id, Subscription.watermark == DeliveryMark.after)
        .correlate(CatchUp)
    )
    values = {"next_on": None, "stepped_on": step.limit(1).scalar_subquery()}
    session.execute(update(CatchUp).where(step.exists()).values(values))


def end_at_the_live_run(session: Session, delivery_ids: Sequence[int]) -> None:
    """End the catch-ups that these letters have brought to the last post there is: from here on they are live.

    The rows of their series are locked while this is seen. So a release comes either before it, and there is one more
    post to catch up with, or after it, and its instant edition finds the subscription in the live run.
    """
    marked = select(DeliveryMark.subscription_id).where(DeliveryMark.delivery_id.in_(delivery_ids))
    walking = select(Subscription.series_id).join(CatchUp).where(Subscription.id.in_(marked)).distinct()
    series = session.execute(walking).scalars().all()
    if not series:
        return
    last = session.execute(
        select(Series.id, Series.last_seq).where(Series.id.in_(series)).order_by(Series.id).with_for_update(read=True)
    )
    for series_id, last_seq in last:
        there = (Subscription.series_id == series_id, Subscription.watermark >= last_seq, Subscription.id.in_(marked))
        session.execute(delete(CatchUp).where(CatchUp.subscription_id.in_(select(Subscription.id).where(*there))))


def void_marks(session: Session, subscription: Subscription) -> None:
    """Have no letter that is there already move this subscription.

    To be asked when it begins anew: its watermark may come to lie where it lay when a letter was made, but what the
    letter carries, history left out, is not what is owed from there on now.
    """
    theirs = select(Delivery.id).where(Delivery.subscriber_id == subscription.subscriber_id)
    mine = (DeliveryMark.subscription_id == subscription.id, DeliveryMark.delivery_id.in_(theirs))
    session.execute(update(DeliveryMark).where(*mine).values(after=NOWHERE))


def end(session: Session, subscription_id: int) -> None:
    """End the catch-up of one subscription, if it has one."""
    session.execute(delete(CatchUp).where(CatchUp.subscription_id == subscription_id))


def end_all_of(session: Session, subscriber_id: int) -> None:
    """End the catch-ups of one reader."""
    mine = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    session.execute(delete(CatchUp).where(CatchUp.subscription_id.in_(mine)))
