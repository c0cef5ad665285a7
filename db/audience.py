"""Who an edition is for. One definition, used to plan its batches and to claim them."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from db.states import EditionKind, Frequency, SubscriberState, SubscriptionState
from db.tables import CatchUp, Edition, Subscriber, Subscription

MINIMUM_GAP = timedelta(hours=12)
"""Between the moments of two digests of one subscriber, whatever they do to their hour and zone."""


def weekdays(day: date, since: date) -> set[int]:
    """The weekdays after one date up to another: whose day was missed joins the first digest after it."""
    return {(day - timedelta(days=back)).weekday() for back in range(min(7, (day - since).days))}


def joins(day: date, since: date) -> ColumnElement[bool]:
    """Subscriptions that a digest serves: the daily ones, the weekly ones of its weekdays, catch-ups that are due."""
    weekly = and_(Subscription.frequency == Frequency.weekly, Subscription.weekday.in_(weekdays(day, since)))
    live = or_(Subscription.frequency == Frequency.daily, weekly)
    return or_(and_(live, ~catches_up()), catches_up(CatchUp.paused_at.is_(None), CatchUp.next_on <= day))


def catches_up(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Subscriptions that have not met the live run yet; those of them whose catch-up is as the conditions say."""
    return exists().where(CatchUp.subscription_id == Subscription.id, *conditions).correlate(Subscription)


def subscriptions_of(edition: Edition) -> ColumnElement[bool]:
    active = Subscription.state == SubscriptionState.active
    if edition.kind == EditionKind.personal:
        return and_(active, Subscription.id == edition.subscription_id)
    if edition.kind == EditionKind.instant:
        of_series = Subscription.series_id == edition.series_id
        return and_(active, of_series, Subscription.frequency == Frequency.instant, ~catches_up())
    if edition.local_date is None or edition.since_date is None:
        return false()
    return and_(active, joins(edition.local_date, edition.since_date))


def readers_of(edition: Edition) -> ColumnElement[bool]:
    """Subscribers whom an edition may write to. Suppression is tested once more by the intent."""
    active = Subscriber.state == SubscriberState.active
    if edition.kind != EditionKind.digest:
        return active
    rested = or_(Subscriber.last_moment.is_(None), Subscriber.last_moment <= edition.moment - MINIMUM_GAP)
    return and_(active, rested, Subscriber.zone == edition.zone, Subscriber.hour == edition.hour)


def ids_after(session: Session, edition: Edition, *, after: int, limit: int, upto: int | None = None) -> list[int]:
    """Ids of the edition's audience beyond `after`, ascending; none beyond `upto`."""
    by_subscription = edition.kind != EditionKind.digest
    key = Subscription.subscriber_id if by_subscription else Subscriber.id
    bounds = (key > after,) if upto is None else (key > after, key <= upto)
    readers = _by_subscription(edition) if by_subscription else _by_subscriber(edition, after)
    statement = readers.where(*bounds).order_by(key).limit(limit)
    # On the connection: a session would take half as long again, and an audience may be a million.
    return list(session.connection().execute(statement).scalars())


def _by_subscription(edition: Edition) -> Select[int]:
    """For the readers of one series or subscription, who may be few of all: an index has them by their ids."""
    joined = select(Subscription.subscriber_id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    return joined.where(subscriptions_of(edition), readers_of(edition))


def _by_subscriber(edition: Edition, after: int) -> Select[int]:
    subscribed = (
        select(Subscription.id)
        .where(Subscription.subscriber_id == Subscriber.id, subscriptions_of(edition))
        # PostgreSQL may read subscriptions side by side with subscribers, and would begin at the first one.
        .where(Subscription.subscriber_id > after)
        .correlate(Subscriber)
    )
    return select(Subscriber.id).where(readers_of(edition), subscribed.exists())
