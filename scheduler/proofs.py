"""What the token in a link proves: whose link it is, or which wish it grants."""

from datetime import datetime

from sqlalchemy.orm import Session

from db import tokens, wishes
from db.states import Purpose
from db.tables import Wish
from mail.tokens import Tokens


def reader_of(session: Session, ours: Tokens, token: str, purpose: str) -> int | None:
    """The subscriber whom a token speaks for, or None for one that was not made here or was revoked.

    The subscriber may have been erased since.
    """
    subject = ours.subject_of(token)
    if subject is None:
        return None
    counter = tokens.counter(session, purpose, subject)
    return subject if ours.proves(token, purpose, subject, counter) else None


def wish_of(session: Session, ours: Tokens, token: str, *, now: datetime, lock: bool = False) -> Wish | None:
    """The wish that a token grants, at machine time `now`; None for one that is forged, granted, or too old."""
    subject = _wish_named(session, ours, token)
    return None if subject is None else wishes.still_open(session, subject, now=now, lock=lock)


def was_granted(session: Session, ours: Tokens, token: str) -> Purpose | None:
    """What a token was for that has granted its wish already."""
    subject = _wish_named(session, ours, token)
    row = None if subject is None else session.get(Wish, subject)
    return None if row is None or row.granted_at is None else Purpose(row.purpose)


def _wish_named(session: Session, ours: Tokens, token: str) -> int | None:
    subject = ours.subject_of(token)
    row = None if subject is None else session.get(Wish, subject)
    return row.id if row is not None and ours.proves(token, row.purpose, row.id, 0) else None
