"""The addresses that get nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.states import SubscriberState, SuppressionKind
from db.tables import Bounce, Subscriber, Suppression
from db.upsert import insert_missing, upserting


def find(session: Session, fingerprint: str) -> Suppression | None:
    return session.get(Suppression, fingerprint)


def suppress(
    session: Session, fingerprint: str, *, address: str | None, kind: SuppressionKind, reason: str, now: datetime
) -> bool:
    """Write to this address no more, whatever any import says; False when it was suppressed before.

    Comes before the intents of letters to its reader or after them, which keep the reader's row while they are written.
    """
    reader = hold_reader(session, fingerprint)
    row = {"fingerprint": fingerprint, "address": address, "kind": kind, "reason": reason, "created_at": now}
    new = insert_missing(session, Suppression, row)
    # Who subscribed at this very moment is there only now.
    reader = reader or hold_reader(session, fingerprint)
    if reader is not None:
        reader.state, reader.paused_until = SubscriberState.suppressed, None
        session.flush()
    return new


def hold_reader(session: Session, fingerprint: str) -> Subscriber | None:
    """The reader with this address, whose row nobody else changes before the transaction ends."""
    statement = select(Subscriber).where(Subscriber.fingerprint == fingerprint)
    return session.scalar(statement.with_for_update(key_share=True).execution_options(populate_existing=True))


def remove(session: Session, fingerprint: str) -> None:
    session.execute(delete(Suppression).where(Suppression.fingerprint == fingerprint))


def newest(session: Session, *, kind: SuppressionKind | None, limit: int) -> Sequence[Suppression]:
    statement = select(Suppression).order_by(Suppression.created_at.desc(), Suppression.fingerprint).limit(limit)
    return session.scalars(statement if kind is None else statement.where(Suppression.kind == kind)).all()


def after(session: Session, fingerprint: str, *, limit: int) -> Sequence[Suppression]:
    """A page of all of them by keyset: those with a fingerprint beyond this one."""
    statement = select(Suppression).where(Suppression.fingerprint > fingerprint)
    return session.scalars(statement.order_by(Suppression.fingerprint).limit(limit)).all()


def erase(session: Session, fingerprint: str, *, now: datetime) -> None:
    """Leave nothing of an address but its fingerprint, so that nothing ever goes to it again.

    What was the reason before may name the address, as servers do in their words.
    """
    nameless = {"kind": SuppressionKind.erased, "address": None, "reason": ""}
    insert = upserting(session, Suppression).values(fingerprint=fingerprint, created_at=now, **nameless)
    session.execute(insert.on_conflict_do_update(index_elements=["fingerprint"], set_=nameless))
    erased = select(Subscriber.id).where(Subscriber.fingerprint == fingerprint)
    session.execute(delete(Bounce).where(Bounce.subscriber_id.in_(erased)))
