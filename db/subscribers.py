"""Questions about subscribers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.errors import SubscriberNotFound
from db.states import SubscriberState, SubscriptionState
from db.tables import Series, Subscriber, Subscription, Suppression


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


def leave(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """End all subscriptions of a reader. Safe to repeat."""
    active = (Subscription.subscriber_id == subscriber_id, Subscription.state == SubscriptionState.active)
    session.execute(update(Subscription).where(*active).values(state=SubscriptionState.left, left_at=now))
    reader = (Subscriber.id == subscriber_id, Subscriber.state != SubscriberState.suppressed)
    session.execute(update(Subscriber).where(*reader).values(state=SubscriberState.left))
