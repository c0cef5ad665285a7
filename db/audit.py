"""The record of who did what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Audit


def note(
    session: Session, *, who: str, action: str, subject: str, at: datetime, detail: dict[str, Any] | None = None
) -> None:
    session.add(Audit(at=at, actor=who, action=action, subject=subject, detail=detail or {}))


def newest(
    session: Session, *, limit: int, before: int | None = None, who: str | None = None, subject: str | None = None
) -> Sequence[Audit]:
    """The newest first, from below an id; only what somebody did, or what was done to a thing (or kind of things)."""
    rows = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(Audit.id < before)
    if who:
        rows = rows.where(Audit.actor == who)
    if subject:
        rows = rows.where(Audit.subject.startswith(subject, autoescape=True))
    return session.scalars(rows).all()


def actors(session: Session) -> Sequence[str]:
    """All who ever did something."""
    return session.scalars(select(Audit.actor).distinct().order_by(Audit.actor)).all()
