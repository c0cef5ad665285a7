"""Questions about corrected posts: which letters carry words of theirs that are not the present ones."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.states import DeliveryState
from db.tables import Delivery, Edition, EditionCut, Post, Revision, Subscriber, Variant

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


def outdated(session: Session, post: Post) -> Iterator[Outdated]:
    """The letters that arrived, or may have, with another revision of a post than the one it has now, in their order.

    A page at a time, however many there are. A letter whose reader was erased is not there any more.
    """
    carrying = _variants(session, post)
    last = 0
    while page := _page(session, list(carrying), after=last):
        for row, address, edition in page:
            assert row.subscriber_id is not None
            yield Outdated(
                row.subscriber_id, address, row.state, edition, row.settled_at, revision=carrying[row.variant_id]
            )
        last = page[-1][0].id
        session.expunge_all()


def _variants(session: Session, post: Post) -> dict[int, int]:
    """The variants with an earlier revision of the post, and its number."""
    numbers = dict(session.execute(select(Revision.id, Revision.number).where(Revision.post_id == post.id)).all())
    numbers.pop(post.revision_id or 0, None)
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
