"""What people asked for by themselves: wishes that a letter has to confirm, consents, and how often they asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Key, SubscriberKey


class Wish(Base):
    """Something asked for with no more than an address or a link: it is granted by the link in a letter, once.

    `purpose` is that of the letter, `detail` what was asked for. It works until `expires_at`, which is machine time, or
    until it has ended: it was granted, or the reader left, or moved to another address.
    """

    __tablename__ = "wishes"
    # An id that was used must not come again: links are made of it.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[Key]
    subscriber_id: Mapped[SubscriberKey] = mapped_column(index=True)
    purpose: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    granted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Consent(Base):
    """That somebody agreed to get letters: when they asked, when they confirmed it, how, and what they had read."""

    __tablename__ = "consents"

    id: Mapped[Key]
    subscriber_id: Mapped[SubscriberKey] = mapped_column(index=True)
    series: Mapped[list[str]] = mapped_column(JSON)
    how: Mapped[str]
    text: Mapped[str]
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]


class Throttle(Base):
    """How often something was asked for in the time that ends at `until`, which is machine time.

    `key` is a fingerprint: nobody can read an address or a network from it.
    """

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
