"""Questions about subscribers."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from db import audience, catch_ups, wishes
from db.errors import SubscriberNotFound
from db.states import Frequency, PostState, SubscriberState, SubscriptionState
from db.tables import Post, Release, Series, Subscriber, Subscription, Suppression


def address_key(address: str) -> str:
    """The form under which two spellings of one address are the same: lower case (domains are, mailboxes mostly)."""
    return address.strip().casefold()


def find(session: Session, address: str) -> Subscriber | None:
    return session.scalar(select(Subscriber).where(Subscriber.address_key == address_key(address)))


def by_address(session: Session, address: str) -> Subscriber:
    """Raises SubscriberNotFound."""
    row = find(session, address)
    if row is None:
        raise SubscriberNotFound(address)
    return row


def after(session: Session, subscriber_id: int, *, limit: int) -> Sequence[Subscriber]:
    """A page of subscribers by keyset: those with an id beyond this one."""
    statement = select(Subscriber).where(Subscriber.id > subscriber_id).order_by(Subscriber.id).limit(limit)
    return session.scalars(statement).all()


def subscription(session: Session, subscriber_id: int, series_id: int) -> Subscription | None:
    statement = select(Subscription).where(Subscription.subscriber_id == subscriber_id)
    return session.scalar(statement.where(Subscription.series_id == series_id))


def subscriptions_of(session: Session, subscriber_ids: Sequence[int]) -> dict[int, list[tuple[Subscription, str]]]:
    """Per subscriber: their subscriptions, each with the slug of its series."""
    found: dict[int, list[tuple[Subscription, str]]] = {subscriber_id: [] for subscriber_id in subscriber_ids}
    statement = (
        select(Subscription, Series.slug)
        .join(Series, Series.id == Subscription.series_id)
        .where(Subscription.subscriber_id.in_(subscriber_ids))
        .order_by(Series.slug)
    )
    for subscription, slug in session.execute(statement):
        found[subscription.subscriber_id].append((subscription, slug))
    return found


def is_suppressed(session: Session, fingerprint: str) -> bool:
    return session.get(Suppression, fingerprint) is not None


def suppressed_among(session: Session, fingerprints: Collection[str]) -> set[str]:
    return set(session.scalars(select(Suppression.fingerprint).where(Suppression.fingerprint.in_(fingerprints))))


def keys_among(session: Session, keys: Collection[str]) -> set[str]:
    """Those of the address keys that a subscriber has."""
    return set(session.scalars(select(Subscriber.address_key).where(Subscriber.address_key.in_(keys))))


def hold_all(session: Session, keys: Collection[str]) -> dict[str, Subscriber]:
    """The subscribers with these address keys, by them, each row locked until the transaction ends."""
    statement = select(Subscriber).where(Subscriber.address_key.in_(keys)).order_by(Subscriber.id)
    return {row.address_key: row for row in session.scalars(statement.with_for_update(key_share=True))}


def held_by(session: Session, subscriber_ids: Collection[int]) -> dict[tuple[int, int], Subscription]:
    """The subscriptions of these readers, those that were left too, by subscriber and series."""
    statement = select(Subscription).where(Subscription.subscriber_id.in_(subscriber_ids))
    return {(row.subscriber_id, row.series_id): row for row in session.scalars(statement)}


def any_pause_over(session: Session, now: datetime) -> bool:
    """Whether some reader's pause ends by now."""
    return session.scalar(select(Subscriber.id).where(*_pause_over(now)).limit(1)) is not None


def pauses_over(session: Session, now: datetime, *, limit: int) -> Sequence[Subscriber]:
    """Readers whose pauses end by now, locked; those that another transaction has are left to it."""
    statement = select(Subscriber).where(*_pause_over(now)).order_by(Subscriber.paused_until, Subscriber.id)
    return session.scalars(statement.limit(limit).with_for_update(skip_locked=True)).all()


def _pause_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Subscriber.paused_until <= now, Subscriber.state == SubscriberState.paused


def owed_instantly(session: Session, subscriber_ids: Sequence[int]) -> Sequence[Subscription]:
    """The instant subscriptions of these readers, catch-ups aside, to which something that is out was not sent."""
    unsent = (
        select(Release.id)
        .join(Post, Post.id == Release.post_id)
        .where(Release.series_id == Subscription.series_id, Release.seq > Subscription.watermark)
        .where(Release.silent.is_(False), Post.state == PostState.released)
    )
    statement = select(Subscription).where(
        Subscription.subscriber_id.in_(subscriber_ids),
        Subscription.state == SubscriptionState.active,
        Subscription.frequency == Frequency.instant,
        ~audience.catches_up(),
        unsent.correlate(Subscription).exists(),
    )
    return session.scalars(statement.order_by(Subscription.id)).all()


def leave(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """End all subscriptions of a reader. Safe to repeat."""
    _hold(session, subscriber_id)
    active = (Subscription.subscriber_id == subscriber_id, Subscription.state == SubscriptionState.active)
    session.execute(update(Subscription).where(*active).values(state=SubscriptionState.left, left_at=now))
    reader = (Subscriber.id == subscriber_id, Subscriber.state != SubscriberState.suppressed)
    session.execute(update(Subscriber).where(*reader).values(state=SubscriberState.left, paused_until=None))
    catch_ups.end_all_of(session, subscriber_id)
    wishes.end_all_of(session, subscriber_id, now=now)


def leave_series(session: Session, subscription: Subscription, *, now: datetime) -> None:
    """End one subscription; the reader's others go on."""
    _hold(session, subscription.subscriber_id)
    subscription.state, subscription.left_at = SubscriptionState.left, now
    session.flush()
    catch_ups.end(session, subscription.id)


def _hold(session: Session, subscriber_id: int) -> None:
    """Come before the intents of letters to a reader or after them, which keep the reader's row while they are written.

    Before the subscriptions are touched: ledgers take the rows in that order, too.
    """
    session.execute(select(Subscriber.id).where(Subscriber.id == subscriber_id).with_for_update(key_share=True))
