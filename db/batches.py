"""Batches: claiming one with a lease, and giving it back. All times here are machine time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select, true, update
from sqlalchemy.orm import Session

from db import tasks
from db.statements import rows_met
from db.states import STOPPED_EDITIONS, BatchState, EditionState
from db.tables import Batch, Edition


class Lease(NamedTuple):
    """The right to work on a batch until a moment. A worker whose fence is not the row's any more has lost it."""

    batch_id: int
    edition_id: int
    fence: int
    until: datetime
    owner: str


def claim(session: Session, *, owner: str, now: datetime, until: datetime, batch_id: int | None = None) -> Lease | None:
    """Lease the next batch that can be worked on, or the one that is named; None when there is none.

    A lease of the same owner is free too: an owner works on one batch at a time, so a dead process left it.
    """
    free = or_(Batch.lease_until.is_(None), Batch.lease_until <= now, Batch.lease_owner == owner)
    named = true() if batch_id is None else Batch.id == batch_id
    batch = _first(session, free, named, *_to_work_on(now)) or _first(session, free, named, *_left_behind())
    if batch is None:
        return None
    batch.fence += 1
    batch.lease_owner, batch.lease_until = owner, until
    session.flush()
    return Lease(batch.id, batch.edition_id, batch.fence, until, owner)


def renew(session: Session, lease: Lease, until: datetime) -> bool:
    """Prolong a lease; False when its fence is gone, and with it the right to send another letter.

    Where an operator took that right, nobody else has come yet: the lease is prolonged all the same, so that what is
    with the relay can still be told by who sent it.
    """
    held = (Batch.id == lease.batch_id, Batch.lease_owner == lease.owner, Batch.lease_until.is_not(None))
    session.execute(update(Batch).where(*held).values(lease_until=until))
    return session.scalar(select(Batch.id).where(*_mine(lease), *held)) is not None


def is_held(session: Session, lease: Lease) -> bool:
    """Whether nobody else has come to this batch since."""
    return session.scalar(select(Batch.lease_owner).where(Batch.id == lease.batch_id)) == lease.owner


def _first(session: Session, *conditions: ColumnElement[bool]) -> Batch | None:
    statement = (
        select(Batch)
        .join(Edition, Edition.id == Batch.edition_id)
        .where(*conditions)
        # Of equal ones the newest edition first: what an older one could not deliver, its letters carry.
        .order_by(Edition.priority.desc(), Edition.moment.desc(), Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Batch)
    )
    batch = session.scalar(statement)
    # Asked again now that the batch is locked: an edition may have been stopped between the look and the lock.
    if batch is None or session.scalar(select(Batch.id).join(Edition).where(Batch.id == batch.id, *conditions)) is None:
        return None
    return batch


def _to_work_on(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # A finished edition has ready batches again when an operator asked for letters of it.
    going = Edition.state.in_([EditionState.sending, EditionState.finished])
    return Batch.state == BatchState.ready, going, or_(Batch.retry_at.is_(None), Batch.retry_at <= now)


def _left_behind() -> tuple[ColumnElement[bool], ...]:
    """Batches of a stopped edition that somebody was at: what became of their last letters is still to be told."""
    return Edition.state.in_(STOPPED_EDITIONS), Batch.lease_until.is_not(None)


def take_back(session: Session, edition_id: int) -> None:
    """End the right of whoever works on this edition to send another letter. What is with the relay is recorded."""
    session.execute(update(Batch).where(Batch.edition_id == edition_id).values(fence=Batch.fence + 1))


def wake(session: Session, batch_ids: Collection[int]) -> None:
    """Have these batches worked on now, also if they are finished or wait.

    They get a new fence, so that a worker which is just closing one cannot close it over the letter that is wanted.
    """
    values = {"state": BatchState.ready, "retry_at": None, "fence": Batch.fence + 1}
    session.execute(update(Batch).where(Batch.id.in_(batch_ids)).values(values))
    tasks.note(session, (tasks.batch(batch_id) for batch_id in batch_ids))


def ids_of(session: Session, edition_id: int) -> Sequence[int]:
    """The batches of an edition, in the order of their subscribers."""
    return session.scalars(select(Batch.id).where(Batch.edition_id == edition_id).order_by(Batch.first)).all()


def finish_all(session: Session, edition_id: int) -> None:
    """Nothing of this edition is worked on any more."""
    values = {"state": BatchState.finished, "retry_at": None, "problem": None}
    session.execute(update(Batch).where(Batch.edition_id == edition_id).values(values))


def move_cursor(session: Session, lease: Lease, cursor: int) -> bool:
    """Note that everyone up to `cursor` has been looked at; False when the lease is lost or the edition stopped."""
    return rows_met(session, update(Batch).where(*_mine(lease), _going()).values(cursor=cursor)) == 1


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
    statement = select(Batch.retry_at).where(Batch.state == BatchState.ready, Batch.retry_at.is_not(None), _going())
    return session.scalar(statement.order_by(Batch.retry_at).limit(1))


def problems(session: Session, edition_id: int | None = None) -> list[tuple[str, datetime | None]]:
    """Why batches of one edition, or of all, wait and until when; each problem once."""
    waiting = (Batch.state == BatchState.ready, Batch.problem.is_not(None), _going())
    statement = select(Batch.problem, Batch.retry_at).where(*waiting)
    if edition_id is not None:
        statement = statement.where(Batch.edition_id == edition_id)
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


class Tally(NamedTuple):
    """How far an edition's batches are; `ahead` is about how many subscribers nobody has looked at."""

    batches: int
    finished: int
    ahead: float


def tally(session: Session, edition_id: int, *, size: int) -> Tally:
    """`size` is how many subscribers a full batch holds."""
    open_ = Batch.state != BatchState.finished
    left = (Batch.last - Batch.cursor) * 1.0 / (Batch.last - Batch.first + 1) * size
    statement = select(
        func.count(),
        func.count().filter(~open_),
        func.coalesce(func.sum(left).filter(open_), 0.0),
    ).where(Batch.edition_id == edition_id)
    total, finished, ahead = session.execute(statement).one()
    return Tally(total, finished, float(ahead))


def _going() -> ColumnElement[bool]:
    return exists().where(Edition.id == Batch.edition_id, Edition.state.not_in(STOPPED_EDITIONS)).correlate(Batch)


def _mine(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Batch.id == lease.batch_id, Batch.fence == lease.fence
