"""Questions about operators and their recovery codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.errors import OperatorNotFound
from db.statements import rows_met
from db.states import Role
from db.tables import Operator, RecoveryCode


def key_of(email: str) -> str:
    """The address as it is compared."""
    return email.strip().casefold()


def every(session: Session) -> Sequence[Operator]:
    return session.scalars(select(Operator).order_by(Operator.email_key)).all()


def are_there(session: Session) -> bool:
    return session.scalar(select(Operator.id).limit(1)) is not None


def find(session: Session, email: str) -> Operator | None:
    return session.scalar(select(Operator).where(Operator.email_key == key_of(email)))


def by_email(session: Session, email: str) -> Operator:
    """Raises OperatorNotFound."""
    row = find(session, email)
    if row is None:
        raise OperatorNotFound(email)
    return row


def add(session: Session, *, email: str, name: str, role: Role, password: str, now: datetime) -> Operator:
    """`password` is a hash."""
    row = Operator(
        email=email.strip(), email_key=key_of(email), name=name, role=role, password=password, totp_step=0,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def lock_owners(session: Session) -> int:
    """How many owners there are; until the transaction ends none ceases to be one elsewhere."""
    owners = select(Operator.id).where(Operator.role == Role.owner).order_by(Operator.id).with_for_update()
    return len(session.scalars(owners).all())


def take_step(session: Session, operator_id: int, step: int) -> bool:
    """Note the step of a second factor as used; False when it, or a later one, was used before."""
    unused = update(Operator).where(Operator.id == operator_id, Operator.totp_step < step)
    return bool(rows_met(session, unused.values(totp_step=step)))


def put_codes(session: Session, operator_id: int, digests: Iterable[str]) -> None:
    """The recovery codes from now on; those from before are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.operator_id == operator_id))
    rows = [{"operator_id": operator_id, "digest": digest} for digest in digests]
    if rows:
        session.execute(insert(RecoveryCode), rows)


def codes_left(session: Session, operator_id: int) -> int:
    mine = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.operator_id == operator_id)
    return session.scalar(mine) or 0


def use_code(session: Session, operator_id: int, digest: str) -> bool:
    """False when there is no such code, or not any more."""
    mine = delete(RecoveryCode).where(RecoveryCode.operator_id == operator_id, RecoveryCode.digest == digest)
    return bool(rows_met(session, mine))
