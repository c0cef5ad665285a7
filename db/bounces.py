"""Questions about what came back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db.prepared import among_ids
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


RELAY = "the relay"
"""The reporter of what a relay of ours said within a conversation."""


class Soft(NamedTuple):
    """The last letter to a reader that came back softly, or was refused so, and the words to it."""

    delivery: Delivery
    words: str


def note_refusal(
    session: Session, delivery_id: int, subscriber_id: int, *, words: str, status: str | None, at: datetime
) -> None:
    """Write down that a relay refused a letter for now, to its last try, and in which words."""
    row = {
        "delivery_id": delivery_id,
        "subscriber_id": subscriber_id,
        "kind": BounceKind.soft,
        "status": status,
        "words": words,
        "reporter": RELAY,
        "at": at,
    }
    note(session, row)


def often_soft(session: Session, reader_ids: Collection[int], *, least: int) -> dict[int, Soft]:
    """Those of these readers of whom so many letters or more count as soft, with the last of those."""
    soft = (among_ids(Bounce.subscriber_id), Bounce.kind == BounceKind.soft, Bounce.forgiven_at.is_(None))
    last = select(func.max(Bounce.delivery_id)).where(*soft).group_by(Bounce.subscriber_id)
    last = last.having(func.count() >= least)
    statement = select(Delivery, Bounce.words).join(Bounce, Bounce.delivery_id == Delivery.id)
    statement = statement.where(Delivery.id.in_(last), Bounce.kind == BounceKind.soft)
    rows = session.execute(statement, {"ids": list(reader_ids)})
    return {row.subscriber_id: Soft(row, words) for row, words in rows if row.subscriber_id is not None}


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
    # What was refused at first, and then sent at an operator's word, has arrived.
    still = or_(Bounce.reporter != RELAY, Delivery.state.not_in(_WENT_OUT))
    counted = exists().where(Bounce.delivery_id == Delivery.id, Bounce.forgiven_at.is_(None), still, *conditions)
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
