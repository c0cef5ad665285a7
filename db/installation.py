"""The installation's one row: what this store is, and where a replay's calendar stands."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.errors import StoreTooOld
from db.states import StoreKind
from db.tables import Installation


def create(session: Session, *, database: str, kind: StoreKind, domain: str, now: datetime) -> Installation:
    """The new store's row. `domain` goes into every entry id and never changes; `now` starts a replay's calendar."""
    row = Installation(
        id=1,
        name=uuid.uuid4().hex,
        database=database,
        epoch=0,
        kind=kind,
        calendar_now=now if kind is StoreKind.replay else None,
        minted_domain=domain,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def exists(session: Session) -> bool:
    return session.scalar(select(Installation.id)) is not None


def the(session: Session) -> Installation:
    """Raises StoreTooOld when the store was never set up."""
    row = session.scalars(select(Installation)).one_or_none()
    if row is None:
        raise StoreTooOld("the store is empty; run `fascicle init`")
    return row


def move_calendar(session: Session, to: datetime) -> None:
    session.execute(update(Installation).values(calendar_now=to))


def raise_epoch(session: Session) -> int:
    """The new epoch. A node notes it after the commit and before any letter that follows from it."""
    return session.execute(
        update(Installation).values(epoch=Installation.epoch + 1).returning(Installation.epoch)
    ).scalar_one()


def adopt(session: Session, *, database: str, epoch: int) -> None:
    session.execute(update(Installation).values(database=database, epoch=epoch))
