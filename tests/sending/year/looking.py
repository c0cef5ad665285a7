"""What the store says, as plain values: letters, plans, watermarks. Asked in plain SQL, not by the program."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select, union_all
from sqlalchemy.orm import Session

from db.tables import (
    Batch,
    Delivery,
    DeliveryMark,
    DigestHour,
    Edition,
    Post,
    Release,
    Series,
    Subscriber,
    Subscription,
    Variant,
)
from tests.making import TOKENS
from tests.sending.year.world import Due


class Stretch(NamedTuple):
    series: str
    after: int
    upto: int


class Letter(NamedTuple):
    """A row of the ledger with all that the rules speak of."""

    id: int
    address: str
    message_id: str
    state: str
    reply: str
    doubted: bool
    kind: str
    moment: datetime
    planned: datetime
    made: datetime
    posts: tuple[str, ...]
    stretches: tuple[Stretch, ...]

    @property
    def landed(self) -> bool:
        return self.state in ("sent", "in_doubt")


def letters(session: Session, *, beyond: int = 0) -> list[Letter]:
    """The letters with a greater id, ascending."""
    slugs = dict(session.execute(select(Post.id, Post.slug)).all())
    marks: dict[int, list[Stretch]] = {}
    stretches = (
        select(DeliveryMark.delivery_id, Series.slug, DeliveryMark.after, DeliveryMark.upto)
        .join(Subscription, Subscription.id == DeliveryMark.subscription_id)
        .join(Series, Series.id == Subscription.series_id)
        .where(DeliveryMark.delivery_id > beyond)
    )
    for delivery, *stretch in session.execute(stretches):
        marks.setdefault(delivery, []).append(Stretch(*stretch))
    rows = (
        select(Delivery, Edition, Variant.posts)
        .join(Edition, Edition.id == Delivery.edition_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .where(Delivery.id > beyond)
        .order_by(Delivery.id)
    )
    return [
        _letter(row, edition, tuple(slugs[post] for post, _ in posts), tuple(marks.get(row.id, ())))
        for row, edition, posts in session.execute(rows)
    ]


def _letter(row: Delivery, edition: Edition, posts: tuple[str, ...], stretches: tuple[Stretch, ...]) -> Letter:
    return Letter(
        id=row.id,
        address=row.address,
        message_id=TOKENS.message_id(f"{edition.key}|{row.subscriber_id}", "example.org").strip("<>"),
        state=row.state,
        reply=row.reply or "",
        doubted=row.ever_in_doubt,
        kind=edition.kind,
        moment=edition.moment,
        planned=edition.created_at,
        made=row.date,
        posts=posts,
        stretches=stretches,
    )


def under_way(session: Session, address: str, *, alone: bool = False) -> set[int]:
    """Letters to a reader whose dot was allowed and has not been answered, as far as the ledger knows.

    Asked `alone`, none can be added before the transaction ends.
    """
    if alone:
        session.scalar(select(Subscriber.id).where(Subscriber.address == address).with_for_update())
    of_reader = select(Delivery).join(Subscriber).where(Subscriber.address == address)
    trying = of_reader.where(Delivery.state.in_(["intent", "in_doubt"]))
    return {
        row.id
        for row in session.scalars(trying)
        if row.state == "intent" or (row.retry_at is None and row.settled_at is None and row.asked_at is None)
    }


def due(session: Session, now: datetime) -> list[Due]:
    statement = (
        select(Post.slug, Series.slug, Post.due_at, Series.held_at.is_not(None), Series.missed)
        .join(Series, Series.id == Post.series_id)
        .where(Post.state == "planned", Post.due_at <= now)
        .order_by(Series.id, Post.position, Post.id)
    )
    return [Due(*row) for row in session.execute(statement)]


class Released(NamedTuple):
    slug: str
    seq: int
    planned_at: datetime
    released_at: datetime
    lateness_ms: int | None
    silent: bool


def releases(session: Session, *, beyond: int = 0) -> list[tuple[int, Released]]:
    statement = (
        select(
            Release.id,
            Post.slug,
            Release.seq,
            Release.planned_at,
            Release.released_at,
            Release.lateness_ms,
            Release.silent,
        )
        .join(Post, Post.id == Release.post_id)
        .where(Release.id > beyond)
        .order_by(Release.series_id, Release.seq)
    )
    return [(row[0], Released(*row[1:])) for row in session.execute(statement)]


def held(session: Session) -> set[str]:
    return set(session.scalars(select(Series.slug).where(Series.held_at.is_not(None))))


def watermarks(session: Session) -> dict[tuple[str, str], int]:
    statement = (
        select(Subscriber.address, Series.slug, Subscription.watermark)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(Series, Series.id == Subscription.series_id)
    )
    return {(address, series): mark for address, series, mark in session.execute(statement)}


def states(session: Session) -> dict[str, str]:
    return dict(session.execute(select(Subscriber.address, Subscriber.state)).all())


def moments(session: Session, after: datetime, readers: Sequence[str], retry: datetime) -> list[datetime]:
    """When there is something to do: posts, digests of these readers, a pause that ends, batches from `retry` on."""
    post = select(func.min(Post.due_at)).join(Series).where(Post.state == "planned", Series.held_at.is_(None))
    theirs = exists().where(
        Subscriber.zone == DigestHour.zone, Subscriber.hour == DigestHour.hour, Subscriber.address.in_(readers)
    )
    hour = select(func.min(DigestHour.next_due_at)).where(theirs, DigestHour.next_due_at > after)
    again = select(func.min(Batch.retry_at)).where(Batch.state == "ready", Batch.retry_at > after)
    lease = select(func.min(Batch.lease_until)).where(Batch.state == "ready", Batch.lease_until > after)
    pause = select(func.min(Subscriber.paused_until)).where(Subscriber.state == "paused")
    soon = [moment for moment in session.scalars(union_all(post, hour, pause)) if moment is not None]
    late = [max(moment, retry) for moment in session.scalars(union_all(again, lease)) if moment is not None]
    return [moment for moment in soon + late if moment > after]


def next_post(session: Session, after: datetime) -> datetime | None:
    statement = select(func.min(Post.due_at)).join(Series).where(Post.state == "planned", Series.held_at.is_(None))
    return session.scalar(statement.where(Post.due_at > after))
