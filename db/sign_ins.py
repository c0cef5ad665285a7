"""Questions about where operators are signed in, their invitations, and how often something was tried."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from db.operators import key_of
from db.statements import rows_met
from db.tables import Attempt, Invitation, Operator, SignIn
from db.upsert import upserting


def find(session: Session, digest: str, *, now: datetime) -> tuple[SignIn, Operator] | None:
    """A sign-in that has not ended, whole or not, with its operator."""
    mine = select(SignIn, Operator).join(Operator, Operator.id == SignIn.operator_id)
    row = session.execute(mine.where(SignIn.digest == digest, SignIn.ends_at > now)).one_or_none()
    return None if row is None else (row[0], row[1])


def of_operator(session: Session, operator_id: int, *, now: datetime) -> Sequence[SignIn]:
    """Whole ones, the last used first."""
    mine = select(SignIn).where(SignIn.operator_id == operator_id, SignIn.whole, SignIn.ends_at > now)
    return session.scalars(mine.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def seen(session: Session, sign_in_id: int, *, now: datetime, ends_at: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now, ends_at=ends_at))


def end(session: Session, operator_id: int, sign_in_id: int) -> bool:
    mine = delete(SignIn).where(SignIn.operator_id == operator_id, SignIn.id == sign_in_id)
    return bool(rows_met(session, mine))


def end_all(session: Session, operator_id: int, *, but: int | None = None) -> int:
    """End all sign-ins of an operator, but one that is named; gives how many."""
    mine = delete(SignIn).where(SignIn.operator_id == operator_id)
    return rows_met(session, mine if but is None else mine.where(SignIn.id != but))


def invitation(session: Session, digest: str, *, now: datetime) -> Invitation | None:
    """One that can still be used."""
    return session.scalar(select(Invitation).where(Invitation.digest == digest, Invitation.ends_at > now))


def open_invitations(session: Session, *, now: datetime) -> Sequence[Invitation]:
    """Those that await a new operator."""
    waiting = select(Invitation).where(Invitation.ends_at > now, Invitation.operator_id.is_(None))
    return session.scalars(waiting.order_by(Invitation.id)).all()


def use_invitation(session: Session, invitation_id: int) -> bool:
    """False when it was used, or withdrawn, a moment ago."""
    return bool(rows_met(session, delete(Invitation).where(Invitation.id == invitation_id)))


def withdraw_invitations(session: Session, *, email: str | None = None, operator_id: int | None = None) -> int:
    """Void the links that wait for an address, or for an operator; gives how many."""
    rows = session.scalars(select(Invitation)).all()
    meant = [
        row.id
        for row in rows
        if (email is not None and row.email is not None and key_of(row.email) == key_of(email))
        or (operator_id is not None and row.operator_id == operator_id)
    ]
    return rows_met(session, delete(Invitation).where(Invitation.id.in_(meant)))


def tried(session: Session, key: str, *, now: datetime, since: datetime) -> int:
    """Count one more try under a key; gives how many there were since a moment, this one included.

    Tries are counted in windows: one that began before `since` is over, and another begins now.
    """
    over = Attempt.since < since
    statement = upserting(session, Attempt).values(key=key, count=1, since=now)
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"count": case((over, 1), else_=Attempt.count + 1), "since": case((over, now), else_=Attempt.since)},
    )
    return session.execute(counted.returning(Attempt.count)).scalar_one()


def forget_tries(session: Session, key: str) -> None:
    session.execute(delete(Attempt).where(Attempt.key == key))


def sweep(session: Session, *, now: datetime, tries_before: datetime) -> None:
    """Let go what has ended."""
    session.execute(delete(SignIn).where(SignIn.ends_at <= now))
    session.execute(delete(Invitation).where(Invitation.ends_at <= now))
    session.execute(delete(Attempt).where(Attempt.since < tries_before))
