"""Questions about corrected posts: which letters carry words of theirs that are not the present ones."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from db.states import OPEN_DELIVERIES, DeliveryState, SubscriberState, SubscriptionState
from db.tables import Delivery, Edition, EditionCut, Post, Revision, Subscriber, Subscription, Variant

PAGE = 1_000
ARRIVED = (DeliveryState.sent, DeliveryState.in_doubt)


class Outdated(NamedTuple):
    """A letter that its reader has, or may have, with the number of the revision in it."""

    subscriber_id: int
    address: str
    state: str
    edition: str
    settled_at: datetime | None
    revision: int


class Holders(NamedTuple):
    """How many readers hold earlier words of a post: who can be told of a correction, and who cannot.

    `told` have been, or are about to be. `under_way` are letters with those words that may still go out.
    """

    to_tell: int = 0
    told: int = 0
    paused: int = 0
    gone: int = 0
    under_way: int = 0


class Holder(NamedTuple):
    """A reader who can be told, with the letter of theirs that has earlier words."""

    delivery_id: int
    reader: Subscriber


def outdated(session: Session, post: Post) -> Iterator[Outdated]:
    """The letters that arrived, or may have, with another revision of a post than the one it has now, in their order.

    A page at a time, however many there are. A letter whose reader was erased is not there any more.
    """
    carrying = carriers(session, post)
    last = 0
    while page := _page(session, list(carrying), after=last):
        for row, address, edition in page:
            assert row.subscriber_id is not None
            yield Outdated(
                row.subscriber_id, address, row.state, edition, row.settled_at, revision=carrying[row.variant_id]
            )
        last = page[-1][0].id
        session.expunge_all()


def carriers(session: Session, post: Post, revisions: Collection[int] = ()) -> dict[int, int]:
    """The variants with an earlier revision of the post, or one of those with these numbers; and its number."""
    numbers = dict(session.execute(select(Revision.id, Revision.number).where(Revision.post_id == post.id)).all())
    numbers.pop(post.revision_id or 0, None)
    if revisions:
        numbers = {key: number for key, number in numbers.items() if number in revisions}
    if not numbers or post.seq is None:
        return {}
    # Only editions that reach as far as the post can carry it.
    reaching = (EditionCut.series_id == post.series_id, EditionCut.cut >= post.seq)
    statement = select(Variant.id, Variant.posts).join(EditionCut, EditionCut.edition_id == Variant.edition_id)
    found: dict[int, int] = {}
    for variant_id, carried in session.execute(statement.where(*reaching).execution_options(yield_per=PAGE)):
        for post_id, revision_id in carried:
            if post_id == post.id and revision_id in numbers:
                found[variant_id] = numbers[revision_id]
    return found


def _page(session: Session, variants: list[int], *, after: int) -> list[tuple[Delivery, str, str]]:
    statement = (
        select(Delivery, Subscriber.address, Edition.key)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Delivery.id > after, Delivery.state.in_(ARRIVED))
        .where(Delivery.variant_id.in_(variants))
        .order_by(Delivery.id)
        .limit(PAGE)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def holders(session: Session, post: Post, variants: Collection[int], *, edition: str) -> Holders:
    """How the readers with one of these variants stand to a correction, which is the edition with this key."""
    standing = case(
        (_told(edition), "told"),
        (~_follows(post), "gone"),
        (Subscriber.state == SubscriberState.active, "to_tell"),
        (Subscriber.state == SubscriberState.paused, "paused"),
        else_="gone",
    )
    statement = (
        select(standing, func.count(Delivery.subscriber_id.distinct()))
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.variant_id.in_(variants), Delivery.state.in_(ARRIVED))
        .group_by(standing)
    )
    waiting = (Delivery.variant_id.in_(variants), Delivery.state.in_(OPEN_DELIVERIES))
    under_way = session.scalar(select(func.count()).select_from(Delivery).where(*waiting)) or 0
    return Holders(under_way=under_way, **dict(session.execute(statement).all()))


def page_to_tell(
    session: Session, post: Post, variants: Collection[int], *, edition: str, after: int, limit: int
) -> list[Holder]:
    """The next readers to be told, by their letters beyond `after`; one with two such letters may come twice."""
    statement = (
        select(Delivery.id, Subscriber)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.id > after, Delivery.variant_id.in_(variants), Delivery.state.in_(ARRIVED))
        .where(Subscriber.state == SubscriberState.active, _follows(post), ~_told(edition))
        .order_by(Delivery.id)
        .limit(limit)
    )
    return [Holder(*row) for row in session.execute(statement)]


def told_of(session: Session, edition_id: int, readers: Collection[int]) -> set[int]:
    """Those of these readers to whom the edition has a letter."""
    mine = (Delivery.edition_id == edition_id, Delivery.subscriber_id.in_(readers))
    return {found for found in session.scalars(select(Delivery.subscriber_id).where(*mine)) if found is not None}


def _told(edition: str) -> ColumnElement[bool]:
    letter = Delivery.__table__.alias("letter")
    told = exists().where(letter.c.subscriber_id == Subscriber.id, letter.c.edition_id == Edition.id)
    return told.where(Edition.key == edition).correlate(Subscriber)


def _follows(post: Post) -> ColumnElement[bool]:
    following = exists().where(
        Subscription.subscriber_id == Subscriber.id,
        Subscription.series_id == post.series_id,
        Subscription.state == SubscriptionState.active,
    )
    return following.correlate(Subscriber)
