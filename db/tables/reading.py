"""Who reads: subscribers, their subscriptions, the hours at which digests are due, and who must not be written to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.states import LetterFormat, SubscriberState, SubscriptionState, SuppressionKind
from db.tables.base import Base, Key, SeriesKey, SubscriberKey
from db.types import Id, Plainly


class Subscriber(Base):
    """`address_key` is the normalised address; `fingerprint` is its HMAC, which outlives an erasure."""

    __tablename__ = "subscribers"
    __table_args__ = (
        Index("ix_subscribers_audience", "zone", "hour", "id"),
        # Almost nobody's pause ends by itself.
        Index(
            "ix_subscribers_paused_until",
            "paused_until",
            sqlite_where=text("paused_until IS NOT NULL"),
            postgresql_where=text("paused_until IS NOT NULL"),
        ),
        # Those who asked and have not confirmed it are few, and are forgotten after a while.
        Index(
            "ix_subscribers_pending",
            "created_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        # How many there are of each kind, and when they came.
        Index("ix_subscribers_counted", "state", "created_at"),
    )

    id: Mapped[Key]
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(Plainly, unique=True)
    fingerprint: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    zone: Mapped[str]
    hour: Mapped[int]
    language: Mapped[str]
    format: Mapped[str] = mapped_column(default=LetterFormat.html)
    state: Mapped[str] = mapped_column(default=SubscriberState.pending)
    paused_until: Mapped[datetime | None]
    last_moment: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Subscription(Base):
    """`watermark` is the seq of the last post sent; everything owed lies after it. `weekday`: Monday is 0."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "series_id"),
        Index("ix_subscriptions_audience", "series_id", "frequency", "subscriber_id"),
        Index(
            "ix_subscriptions_left",
            "left_at",
            sqlite_where=text("left_at IS NOT NULL"),
            postgresql_where=text("left_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    subscriber_id: Mapped[SubscriberKey]
    series_id: Mapped[SeriesKey]
    frequency: Mapped[str]
    weekday: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=SubscriptionState.active)
    watermark: Mapped[int] = mapped_column(Id)
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class CatchUp(Base):
    """A subscription that walks through a series from its past, at a pace of its own, until it meets the live run.

    The first digest on or after `next_on`, a date of the reader's, carries the next `posts` posts of the series. `pace`
    is the cadence of those dates. `next_on` is empty when it has to be found anew, as after each step: it is the first
    date of the pace after `stepped_on`, the date of the last step.
    """

    __tablename__ = "catch_ups"
    __table_args__ = (
        Index(
            "ix_catch_ups_unfound",
            "subscription_id",
            sqlite_where=text("next_on IS NULL"),
            postgresql_where=text("next_on IS NULL"),
        ),
    )

    subscription_id: Mapped[int] = mapped_column(
        Id, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    pace: Mapped[dict[str, Any]] = mapped_column(JSON)
    posts: Mapped[int] = mapped_column(default=1)
    next_on: Mapped[date | None]
    stepped_on: Mapped[date | None]
    paused_at: Mapped[datetime | None]
    started_at: Mapped[datetime]


class Suppression(Base):
    """An address that gets nothing, whatever any import says. After an erasure its fingerprint alone is left."""

    __tablename__ = "suppressions"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default=SuppressionKind.operator, server_default=SuppressionKind.operator)
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class DigestHour(Base):
    """One (zone, hour) that subscribers chose: when a digest is due next, and the last date that was not missed."""

    __tablename__ = "digest_hours"

    zone: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    next_date: Mapped[date]
    next_due_at: Mapped[datetime] = mapped_column(index=True)
    last_date: Mapped[date]


class Token(Base):
    """Counters behind the signed links of letters: raising one revokes every link made before."""

    __tablename__ = "tokens"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[int] = mapped_column(Id, primary_key=True)
    counter: Mapped[int] = mapped_column(Id)
