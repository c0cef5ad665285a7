"""Wishes: what was asked for with no more than an address or a link, and waits for the answer to a letter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
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
    statement = select(Wish).where(Wish.id == wish_id, Wish.ended_at.is_(None), Wish.expires_at > now)
    return session.scalar(statement.with_for_update() if lock else statement)


def grant(wish: Wish, *, now: datetime) -> None:
    """Note that a wish was granted; its link works no more."""
    wish.granted_at = wish.ended_at = now


def end_all_of(session: Session, reader_id: int, *, now: datetime) -> None:
    """Let no link grant what a reader asked for until now, and send no letter with such a link."""
    waiting = (Wish.subscriber_id == reader_id, Wish.ended_at.is_(None))
    session.execute(update(Wish).where(*waiting).values(ended_at=now))
