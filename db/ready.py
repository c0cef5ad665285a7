"""What can be worked on, and from when: asked by whoever hands work out to workers. All times are machine time."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.states import STOPPED_EDITIONS, BatchState, EditionState
from db.tables import Batch, Edition, FeedWork
from db.tasks import Task, TaskKind
from db.types import Instant

_Moment = ColumnElement[datetime | None]


class Ready(NamedTuple):
    """A task with the priority of its edition (0 for feeds), and from when it can be taken; None: at once."""

    task: Task
    priority: int
    at: datetime | None


def feeds(session: Session, topics: Collection[str] | None = None) -> list[Ready]:
    """Topics that are behind, of these or of all."""
    at = _later(FeedWork.retry_at, FeedWork.lease_until)
    statement = select(FeedWork.topic, at).where(FeedWork.wanted > FeedWork.done)
    if topics is not None:
        statement = statement.where(FeedWork.topic.in_(topics))
    rows = session.execute(statement.order_by(FeedWork.topic))
    return [Ready(Task(TaskKind.feed, topic), 0, when) for topic, when in rows]


def editions(session: Session, ids: Collection[int] | None = None) -> list[Ready]:
    """Editions to be cut into batches, or to be marked as finished, of these or of all."""
    to_cut = Edition.state == EditionState.due
    statement = select(Edition.id, Edition.priority).where(or_(to_cut, _through()))
    if ids is not None:
        statement = statement.where(Edition.id.in_(ids))
    rows = session.execute(statement.order_by(Edition.id))
    return [Ready(Task(TaskKind.edition, str(key)), priority, None) for key, priority in rows]


def batches(session: Session, ids: Collection[int]) -> list[Ready]:
    """Those of these batches that a worker can take, now or later."""
    return _batches(session, Batch.id.in_(ids), or_(_to_work_on(), _left_behind()))


def batches_of(session: Session, edition_ids: Collection[int], *, limit: int) -> list[Ready]:
    """The first batches of some editions that a worker can take, now or later."""
    return _batches(session, Batch.edition_id.in_(edition_ids), or_(_to_work_on(), _left_behind()), limit=limit)


def batches_after(session: Session, after: int, *, limit: int) -> list[Ready]:
    """The batches of all editions that are to be worked on, by their ids beyond one of them."""
    return _batches(session, Batch.id > after, _to_work_on(), limit=limit)


def batches_left_behind(session: Session) -> list[Ready]:
    """Batches of stopped editions that somebody was at."""
    return _batches(session, _left_behind())


def left_by(session: Session, owner: str) -> list[Task]:
    """What a process that works under this name was at when it ended."""
    topics = FeedWork.wanted > FeedWork.done, FeedWork.lease_owner == owner, FeedWork.lease_until.is_not(None)
    found = [Task(TaskKind.feed, topic) for topic in session.scalars(select(FeedWork.topic).where(*topics))]
    mine = Batch.lease_owner == owner, Batch.lease_until.is_not(None), or_(_to_work_on(), _left_behind())
    return found + [one.task for one in _batches(session, *mine)]


def _batches(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Ready]:
    statement = (
        select(Batch.id, Edition.priority, _later(Batch.retry_at, Batch.lease_until))
        .join(Edition, Edition.id == Batch.edition_id)
        .where(*conditions)
    )
    rows = session.execute(statement.order_by(Batch.id).limit(limit))
    return [Ready(Task(TaskKind.batch, str(key)), priority, at) for key, priority, at in rows]


def _to_work_on() -> ColumnElement[bool]:
    return and_(Batch.state == BatchState.ready, Edition.state.in_([EditionState.sending, EditionState.finished]))


def _left_behind() -> ColumnElement[bool]:
    """Of a stopped edition, while somebody was at it: what became of its last letters is still to be told."""
    return and_(Edition.state.in_(STOPPED_EDITIONS), Batch.lease_until.is_not(None))


def _through() -> ColumnElement[bool]:
    """Every letter of it is done with; whoever did the last ended before it said so."""
    left = exists().where(Batch.edition_id == Edition.id, Batch.state != BatchState.finished)
    return and_(Edition.state == EditionState.sending, ~left.correlate(Edition))


def _later(one: InstrumentedAttribute[datetime | None], other: InstrumentedAttribute[datetime | None]) -> _Moment:
    """The later of two moments; PostgreSQL leaves out what is null."""
    return func.greatest(one, other, type_=Instant())
