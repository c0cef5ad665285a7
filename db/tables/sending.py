"""What is sent: editions, their cuts and batches, the variants of a letter, and the ledger of deliveries."""

from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.states import BatchState, DeliveryState, EditionState
from db.tables.base import Base, EditionKey, Key, SeriesKey
from db.types import Id

Day: TypeAlias = date
"""A local date, by a name that no column has."""


UNTALLIED = "finished_at IS NOT NULL AND tally IS NULL AND kind <> 'single'"
TROUBLED = "state IN ('in_doubt', 'soft', 'hard')"


class Edition(Base):
    """One sending of many letters; `key` is what makes it happen once. `moment` is when it was due.

    A digest stands for all days after `since_date` up to `local_date`: more than one when a digest was missed. A
    personal one is for one subscription. What has a higher `priority` is worked on first. `words_kept` is false once
    the words of its letters were let go (db/words.py). `tally` says of one that is over how many of its letters are in
    each state, once they were counted (db/tallies.py).
    """

    __tablename__ = "editions"
    __table_args__ = (
        Index("ix_editions_moment", "moment", "id"),
        Index("ix_editions_untallied", "moment", sqlite_where=text(UNTALLIED), postgresql_where=text(UNTALLIED)),
        Index("ix_editions_words_kept", "moment", sqlite_where=text("words_kept"), postgresql_where=text("words_kept")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    zone: Mapped[str | None]
    hour: Mapped[int | None]
    local_date: Mapped[date | None]
    since_date: Mapped[date | None]
    series_id: Mapped[int | None] = mapped_column(Id, ForeignKey("series.id", ondelete="CASCADE"))
    # No foreign key: a subscription may go, what was sent to it stays.
    subscription_id: Mapped[int | None] = mapped_column(Id, index=True)
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    moment: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=EditionState.due, index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    words_kept: Mapped[bool] = mapped_column(default=True, server_default=true())
    tally: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))


class EditionCut(Base):
    """Per series, the highest seq this edition may contain."""

    __tablename__ = "edition_cuts"

    edition_id: Mapped[EditionKey] = mapped_column(primary_key=True)
    series_id: Mapped[SeriesKey] = mapped_column(primary_key=True)
    cut: Mapped[int] = mapped_column(Id)


class Batch(Base):
    """A key range of an edition's subscribers: `first` ≤ id ≤ `last`; everyone up to `cursor` has been looked at."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_ready", "state", "retry_at"), UniqueConstraint("edition_id", "first"))

    id: Mapped[Key]
    edition_id: Mapped[EditionKey]
    first: Mapped[int] = mapped_column(Id)
    last: Mapped[int] = mapped_column(Id)
    cursor: Mapped[int] = mapped_column(Id)
    state: Mapped[str] = mapped_column(default=BatchState.ready)
    fence: Mapped[int] = mapped_column(Id, default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]


class Variant(Base):
    """The content that many letters share: [[post id, revision id], …] and the compiled skeleton."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("edition_id", "digest"),)

    id: Mapped[Key]
    edition_id: Mapped[EditionKey]
    digest: Mapped[str]
    language: Mapped[str]
    format: Mapped[str]
    posts: Mapped[list[list[int]]] = mapped_column(JSON)
    skeleton: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """The ledger row of one letter: with its variant, all that is needed to make the same bytes again.

    `asked_at` is when an operator asked for a letter in doubt to be sent again; its next intent uses that up. A letter
    with a date in `paced_on` is that day's step of the catch-ups in it.

    A single letter has a `purpose`, the `fingerprint` of its address, and the wish behind its link, if it has one.
    Only one to an operator is to no subscriber.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscriber_id"),
        # One open edition letter per subscriber, held by the database itself.
        Index(
            "uq_deliveries_open",
            "subscriber_id",
            unique=True,
            sqlite_where=text("state IN ('pending', 'intent', 'soft') AND purpose IS NULL"),
            postgresql_where=text("state IN ('pending', 'intent', 'soft') AND purpose IS NULL"),
        ),
        Index("ix_deliveries_batch", "batch_id", "state"),
        Index("ix_deliveries_subscriber", "subscriber_id", "id"),
        Index("ix_deliveries_settled", "edition_id", "settled_at"),
        # Those that operators look for among a million; what goes well is never in it.
        Index(
            "ix_deliveries_troubled",
            "edition_id",
            "state",
            "id",
            sqlite_where=text(TROUBLED),
            postgresql_where=text(TROUBLED),
        ),
    )

    id: Mapped[Key]
    edition_id: Mapped[EditionKey]
    subscriber_id: Mapped[int | None] = mapped_column(Id, ForeignKey("subscribers.id", ondelete="CASCADE"))
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"))
    variant_id: Mapped[int] = mapped_column(Id, ForeignKey("variants.id"))
    address: Mapped[str]
    name: Mapped[str]
    date: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=DeliveryState.pending)
    ever_in_doubt: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    code: Mapped[int | None]
    reply: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    paced_on: Mapped[Day | None]
    purpose: Mapped[str | None]
    fingerprint: Mapped[str | None]
    wish_id: Mapped[int | None] = mapped_column(Id, ForeignKey("wishes.id", ondelete="CASCADE"), index=True)


class DeliveryMark(Base):
    """Which stretch of a subscription a letter carries: the posts after `after`, up to `upto`."""

    __tablename__ = "delivery_marks"

    delivery_id: Mapped[int] = mapped_column(Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    subscription_id: Mapped[int] = mapped_column(
        Id, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    after: Mapped[int] = mapped_column(Id)
    upto: Mapped[int] = mapped_column(Id)
