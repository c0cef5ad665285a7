"""The ledger as operators read and steer it: pages of letters, and the few changes that are theirs to make."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, exists, select, text, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import OPEN_DELIVERIES, DeliveryState, SubscriptionState
from db.tables import Delivery, DeliveryMark, Edition, Subscriber, Subscription
from db.tables.sending import TROUBLED

_TROUBLES = (DeliveryState.in_doubt, DeliveryState.soft, DeliveryState.hard)


class Entry(NamedTuple):
    """One letter with the edition it belongs to."""

    delivery: Delivery
    edition: Edition


class Wanted(NamedTuple):
    """Which letters to show; None is any. `undecided` are those in doubt that may still be sent again."""

    edition_id: int | None = None
    state: DeliveryState | None = None
    subscriber_id: int | None = None
    undecided: bool = False


def page(session: Session, wanted: Wanted, *, after: int, limit: int) -> list[Entry]:
    """Letters with an id beyond `after`, ascending."""
    statement = _entries().where(Delivery.id > after).order_by(Delivery.id).limit(limit)
    if wanted.edition_id is not None:
        statement = statement.where(Delivery.edition_id == wanted.edition_id)
    if wanted.state is not None:
        statement = statement.where(Delivery.state == wanted.state)
        if wanted.state in _TROUBLES:
            # Said as its index says it.
            statement = statement.where(text(f"deliveries.{TROUBLED}"))
    if wanted.subscriber_id is not None:
        statement = statement.where(Delivery.subscriber_id == wanted.subscriber_id)
    if wanted.undecided:
        statement = statement.where(Delivery.state == DeliveryState.in_doubt, Delivery.settled_at.is_(None))
    return [Entry(*row) for row in session.execute(statement)]


def had_a_post(session: Session, subscriber_id: int) -> bool:
    """Whether a letter with posts was ever written to them: who only asked for letters has had none."""
    theirs = Delivery.subscriber_id == subscriber_id, Delivery.purpose.is_(None)
    return session.scalar(select(Delivery.id).where(*theirs).limit(1)) is not None


def newest_of(session: Session, subscriber_id: int, *, limit: int) -> list[Entry]:
    """A reader's letters, the newest first."""
    statement = _entries().where(Delivery.subscriber_id == subscriber_id).order_by(Delivery.id.desc()).limit(limit)
    return [Entry(*row) for row in session.execute(statement)]


def entry(session: Session, delivery_id: int) -> Entry | None:
    """One letter with its edition."""
    found = session.execute(_entries().where(Delivery.id == delivery_id)).first()
    return Entry(*found) if found else None


def locked(session: Session, ids: Sequence[int]) -> dict[int, Entry]:
    """These letters, those that are there, for changing: nobody else changes them before the transaction ends."""
    statement = _entries().where(Delivery.id.in_(ids)).order_by(Delivery.id).with_for_update(of=Delivery)
    return {row[0].id: Entry(*row) for row in session.execute(statement)}


def _entries() -> Select[Delivery, Edition]:
    return select(Delivery, Edition).join(Edition, Edition.id == Delivery.edition_id)


def close_waiting(session: Session, batch_id: int, *, reply: str, now: datetime) -> int:
    """Supersede the letters of a batch that wait; what they carry stays owed. Gives how many there were."""
    waiting = [DeliveryState.pending, DeliveryState.soft]
    statement = update(Delivery).where(Delivery.batch_id == batch_id, Delivery.state.in_(waiting))
    values = {"state": DeliveryState.superseded, "reply": reply, "settled_at": now, "retry_at": None}
    return rows_met(session, statement.values(values))


def leave_in_doubt(session: Session, edition_id: int, *, now: datetime) -> None:
    """No letter in doubt of this edition is sent again. There are few: at most one per connection and kill."""
    unsettled = (Delivery.state == DeliveryState.in_doubt, Delivery.settled_at.is_(None))
    statement = update(Delivery).where(Delivery.edition_id == edition_id, *unsettled)
    session.execute(statement.values(settled_at=now, retry_at=None, asked_at=None))


def try_batch_now(session: Session, batch_id: int) -> int:
    """Let the soft letters of a batch be tried without waiting for their hour; gives how many there were."""
    soft = (Delivery.batch_id == batch_id, Delivery.state == DeliveryState.soft)
    return rows_met(session, update(Delivery).where(*soft).values(retry_at=None))


def hold_reader(session: Session, subscriber_id: int) -> Subscriber:
    """Lock a reader's row: until the transaction ends, no other letter to them can be written."""
    return session.get_one(Subscriber, subscriber_id, with_for_update=True)


def other_open(session: Session, delivery: Delivery) -> int | None:
    """The id of another letter of an edition that may still go to the same reader for the first time."""
    mine = (
        Delivery.subscriber_id == delivery.subscriber_id,
        Delivery.id != delivery.id,
        Delivery.purpose.is_(None),
    )
    return session.scalar(select(Delivery.id).where(*mine, Delivery.state.in_(OPEN_DELIVERIES)))


def is_owed_still(session: Session, delivery_id: int) -> bool:
    """Whether the reader follows all that this letter carries, and was sent none of it."""
    passed = (Subscription.watermark != DeliveryMark.after) | (Subscription.state != SubscriptionState.active)
    marked = (DeliveryMark.delivery_id == delivery_id, Subscription.id == DeliveryMark.subscription_id)
    return not session.scalar(select(exists().where(*marked, passed)))
