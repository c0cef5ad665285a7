"""Wishes: what was asked for with no more than an address or a link, and waits for the answer to a letter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.states import Purpose
from db.tables import Wish


def add(
    session: Session,
    reader_id: int,
    purpose: Purpose,
    detail: Mapping[str, Any],
    *,
    asked_at: datetime,
    expires_at: datetime,
) -> Wish:
    """Note a wish; `expires_at` is machine time."""
    row = Wish(subscriber_id=reader_id, purpose=purpose, detail=dict(detail), asked_at=asked_at, expires_at=expires_at)
    session.add(row)
    session.flush()
    return row


def still_open(session: Session, wish_id: int, *, now: datetime, lock: bool = False) -> Wish | None:
    """A wish that can be granted at machine time `now`; with `lock`, by nobody else before the transaction ends."""
    statement = select(Wish).where(Wish.id == wish_id, Wish.granted_at.is_(None), Wish.expires_at > now)
    return session.scalar(statement.with_for_update() if lock else statement)


def was_granted(session: Session, wish_id: int) -> bool:
    return session.scalar(select(Wish.id).where(Wish.id == wish_id, Wish.granted_at.is_not(None))) is not None
