"""All that the store keeps of one person: to be handed to them, or to be forgotten."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from db import tallies
from db.states import SubscriberState
from db.tables import (
    Audit,
    Base,
    CatchUp,
    Consent,
    Delivery,
    Edition,
    Post,
    Series,
    Subscriber,
    Subscription,
    Variant,
    Wish,
)

_OURS = {"id", "subscriber_id", "series_id", "subscription_id", "edition_id", "batch_id", "variant_id", "wish_id"}
"""Columns that only say how rows hang together."""


def subject(reader_id: int) -> str:
    """How the record of who did what names a reader."""
    return f"subscriber:{reader_id}"


def everything_of(session: Session, reader: Subscriber) -> dict[str, Any]:
    """All that is kept of a reader, in plain words and values of JSON."""
    return {
        "subscriber": _plain(reader),
        "subscriptions": _subscriptions(session, reader.id),
        "consents": [_plain(row) for row in _of(session, Consent, Consent.subscriber_id == reader.id)],
        "wishes": [_plain(row) for row in _of(session, Wish, Wish.subscriber_id == reader.id)],
        "letters": _letters(session, reader.id),
        "record": [_plain(row) for row in _of(session, Audit, Audit.subject == subject(reader.id))],
    }


def _subscriptions(session: Session, reader_id: int) -> list[dict[str, Any]]:
    statement = (
        select(Series.slug, Subscription, CatchUp)
        .join(Series, Series.id == Subscription.series_id)
        .outerjoin(CatchUp, CatchUp.subscription_id == Subscription.id)
        .where(Subscription.subscriber_id == reader_id)
        .order_by(Series.slug)
    )
    return [
        {"series": slug, **_plain(held), "catches_up": None if walk is None else _plain(walk)}
        for slug, held, walk in session.execute(statement)
    ]


def _letters(session: Session, reader_id: int) -> list[dict[str, Any]]:
    statement = (
        select(Edition.key, Variant.posts, Delivery)
        .join(Edition, Edition.id == Delivery.edition_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .where(Delivery.subscriber_id == reader_id)
        .order_by(Delivery.id)
    )
    rows = session.execute(statement).all()
    ids = {post for _, posts, _ in rows for post, _ in posts}
    slugs = dict(session.execute(select(Post.id, Post.slug).where(Post.id.in_(ids))).all())
    return [
        {"edition": key, "posts": [slugs.get(post) for post, _ in posts], **_plain(row)} for key, posts, row in rows
    ]


def _of(session: Session, table: type[Base], mine: ColumnElement[bool]) -> Sequence[Base]:
    return session.scalars(select(table).where(mine).order_by(*table.__table__.primary_key)).all()


def _plain(row: Base) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _OURS}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}


def forget(session: Session, reader_id: int) -> None:
    """Delete a reader with all their choices and letters, whatever state these are in."""
    mine = (Delivery.subscriber_id == reader_id, Delivery.purpose.is_not(None))
    singles = session.scalars(select(Delivery.edition_id).where(*mine)).all()
    tallies.count_anew(session, reader_id)
    session.execute(delete(Delivery).where(Delivery.subscriber_id == reader_id))
    session.execute(delete(Edition).where(Edition.id.in_(singles)))
    session.execute(delete(Subscriber).where(Subscriber.id == reader_id))


def unconfirmed(session: Session, *, now: datetime, after: timedelta, limit: int, lock: bool = True) -> Sequence[int]:
    """Those who asked for letters that long ago and can confirm it no more, locked if not said otherwise."""
    still = exists().where(Wish.subscriber_id == Subscriber.id, Wish.expires_at > now - after).correlate(Subscriber)
    old = (Subscriber.state == SubscriberState.pending, Subscriber.created_at <= now - after, ~still)
    statement = select(Subscriber.id).where(*old).order_by(Subscriber.created_at, Subscriber.id).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True) if lock else statement).all()
