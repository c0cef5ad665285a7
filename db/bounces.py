"""Questions about what came back."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import BounceKind, DeliveryState
from db.tables import Bounce, Delivery, Edition
from db.upsert import insert_missing

_WENT_OUT = (DeliveryState.sent, DeliveryState.in_doubt)


class Letter(NamedTuple):
    """One that was sent, and the edition it belongs to."""

    delivery: Delivery
    edition_key: str


class SoftRow(NamedTuple):
    """Letters to one reader that came back softly one after the other: how many, and when the outermost were sent."""

    letters: int
    first: datetime
    last: datetime


class Returned(NamedTuple):
    """One thing that came back, with its letter."""

    bounce: Bounce
    delivery: Delivery
    edition_key: str


def letter(session: Session, delivery_id: int) -> Letter | None:
    statement = select(Delivery, Edition.key).join(Edition, Edition.id == Delivery.edition_id)
    found = session.execute(statement.where(Delivery.id == delivery_id)).first()
    return Letter(*found) if found else None


def note(session: Session, values: dict[str, Any]) -> bool:
    """Write down what came back; False when the same was said of this letter before."""
    return insert_missing(session, Bounce, values)


def soft_row(session: Session, delivery: Delivery) -> SoftRow:
    """The row in which this letter stands: up to the nearest ones on both sides that did not come back.

    On both sides, because servers give up after days: what is said of a letter may come after what is said of a later.
    """
    mine = Delivery.subscriber_id == delivery.subscriber_id
    arrived = (mine, Delivery.state.in_(_WENT_OUT), ~_came_back())
    before = select(func.max(Delivery.id)).where(*arrived, Delivery.id < delivery.id)
    beyond = select(func.min(Delivery.id)).where(*arrived, Delivery.id > delivery.id)
    between = [mine, Delivery.id > (session.scalar(before) or 0), _came_back(Bounce.kind == BounceKind.soft)]
    if (end := session.scalar(beyond)) is not None:
        between.append(Delivery.id < end)
    statement = select(func.count(), func.min(Delivery.date), func.max(Delivery.date)).where(*between)
    count, first, last = session.execute(statement).one()
    return SoftRow(count, first or delivery.date, last or delivery.date)


def _came_back(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    counted = exists().where(Bounce.delivery_id == Delivery.id, Bounce.forgiven_at.is_(None), *conditions)
    return counted.correlate(Delivery)


def forgive(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Count nothing any more of what came back from this reader."""
    unforgiven = (Bounce.subscriber_id == subscriber_id, Bounce.forgiven_at.is_(None))
    session.execute(update(Bounce).where(*unforgiven).values(forgiven_at=now))


def newest(
    session: Session, *, kind: BounceKind | None, subscriber_id: int | None, before: int | None, limit: int
) -> list[Returned]:
    """What came back, the newest first; only what has an id below `before`."""
    statement = (
        select(Bounce, Delivery, Edition.key)
        .join(Delivery, Delivery.id == Bounce.delivery_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .order_by(Bounce.id.desc())
        .limit(limit)
    )
    if kind is not None:
        statement = statement.where(Bounce.kind == kind)
    if subscriber_id is not None:
        statement = statement.where(Bounce.subscriber_id == subscriber_id)
    if before is not None:
        statement = statement.where(Bounce.id < before)
    return [Returned(*row) for row in session.execute(statement)]


def forget_before(session: Session, moment: datetime, *, limit: int) -> int:
    """Drop the oldest of what came back before a moment; gives how many rows it was."""
    old = select(Bounce.id).where(Bounce.at < moment).order_by(Bounce.at).limit(limit)
    return rows_met(session, delete(Bounce).where(Bounce.id.in_(old)))


def any_before(session: Session, moment: datetime) -> bool:
    return session.scalar(select(Bounce.id).where(Bounce.at < moment).limit(1)) is not None
