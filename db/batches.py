"""Batches: claiming one with a lease, and giving it back. All times here are machine time."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import BatchState, EditionState
from db.tables import Batch, Edition


class Lease(NamedTuple):
    """The right to work on a batch until a moment. A worker whose fence is not the row's any more has lost it."""

    batch_id: int
    edition_id: int
    fence: int
    until: datetime


def claim(session: Session, *, owner: str, now: datetime, until: datetime) -> Lease | None:
    """Lease the next batch that can be worked on; None when there is none.

    A lease of the same owner is free too: an owner works on one batch at a time, so a dead process left it.
    """
    free = or_(Batch.lease_until.is_(None), Batch.lease_until < now, Batch.lease_owner == owner)
    ready = or_(Batch.retry_at.is_(None), Batch.retry_at <= now)
    statement = (
        select(Batch)
        .join(Edition, Edition.id == Batch.edition_id)
        .where(Batch.state == BatchState.ready, Edition.state == EditionState.sending, free, ready)
        # The newest edition first: what an older one could not deliver, its letters carry.
        .order_by(Edition.moment.desc(), Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Batch)
    )
    batch = session.scalar(statement)
    if batch is None:
        return None
    batch.fence += 1
    batch.lease_owner, batch.lease_until = owner, until
    session.flush()
    return Lease(batch.id, batch.edition_id, batch.fence, until)


def move_cursor(session: Session, lease: Lease, cursor: int) -> bool:
    """Note that everyone up to `cursor` has been looked at; False when the lease is lost."""
    return rows_met(session, update(Batch).where(*_mine(lease)).values(cursor=cursor)) == 1


def give_back(session: Session, lease: Lease, *, retry_at: datetime | None = None, problem: str | None = None) -> None:
    """End the lease; the batch is ready again, at once or at `retry_at`."""
    attempts = Batch.attempts + 1 if problem else 0
    values = {"lease_until": None, "retry_at": retry_at, "problem": problem, "attempts": attempts}
    session.execute(update(Batch).where(*_mine(lease)).values(values))


def finish(session: Session, lease: Lease) -> None:
    values = {"lease_until": None, "retry_at": None, "problem": None, "state": BatchState.finished}
    session.execute(update(Batch).where(*_mine(lease)).values(values))


def next_retry_at(session: Session) -> datetime | None:
    """When a batch that waits can be tried again; None when none waits."""
    statement = select(Batch.retry_at).where(Batch.state == BatchState.ready, Batch.retry_at.is_not(None))
    return session.scalar(statement.order_by(Batch.retry_at).limit(1))


def problems(session: Session) -> list[tuple[str, datetime | None]]:
    """Why batches wait and until when, each problem once."""
    statement = select(Batch.problem, Batch.retry_at).where(Batch.state == BatchState.ready, Batch.problem.is_not(None))
    found: dict[str, datetime | None] = {}
    for problem, retry_at in session.execute(statement.order_by(Batch.retry_at)):
        found.setdefault(problem or "", retry_at)
    return list(found.items())


def attempts(session: Session, lease: Lease) -> int:
    """How many times in a row the relay was down for this batch."""
    return session.scalar(select(Batch.attempts).where(Batch.id == lease.batch_id)) or 0


def looked_at_all(session: Session, lease: Lease) -> bool:
    batch = session.get_one(Batch, lease.batch_id)
    return batch.cursor >= batch.last


def _mine(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Batch.id == lease.batch_id, Batch.fence == lease.fence
