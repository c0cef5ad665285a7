"""Jobs: what procrastinate keeps of the tasks that are offered. All that we ask of its tables is asked here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.ready import Ready
from db.tasks import Task, TaskKind

QUEUE = "fascicle"
FEEDS_FIRST = 100
"""Feeds go before letters of any priority."""
CUTTING = 5
"""How much more urgent than an edition's letters its cutting is, which lets several workers begin."""
TRIES = 5
"""How often jobs are deferred anew when other transactions deferred some of them that moment."""


def defer(session: Session, found: Sequence[Ready], *, now: datetime) -> None:
    """Defer a job for each of these that has none waiting, in the transaction of the session.

    `now` is machine time: whoever's clock differs from the database's, a job comes as much later as it should.
    """
    wanted = {lock_of(one): one for one in found}
    if not wanted:
        return
    base = session.scalars(select(func.clock_timestamp())).one()
    for _ in range(TRIES):
        waiting = _waiting(session, wanted)
        # In one order for all, so that two transactions that defer the same jobs wait for each other only one way.
        jobs = [_job(lock, one, base, now) for lock, one in sorted(wanted.items()) if lock not in waiting]
        if not jobs or _deferred(session, jobs):
            return
    # So much is going on that these are offered all the time; what is missed is brought back soon.


def lock_of(one: Ready) -> str:
    """At most one job with this name waits: one for now, and one for each later moment."""
    name = f"{one.task.kind}:{one.task.key}"
    return name if one.at is None else f"{name} at {one.at.isoformat()}"


def _waiting(session: Session, locks: Iterable[str]) -> set[str]:
    """Which of these jobs wait, and go on waiting until this transaction ends.

    A worker that began one before our commit would look for what is not there yet, and end it.
    """
    statement = text(
        "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:locks) "
        "ORDER BY id FOR KEY SHARE"
    )
    return set(session.scalars(statement, {"locks": list(locks)}))


def _job(lock: str, one: Ready, base: datetime, now: datetime) -> Job:
    return Job(
        queue=QUEUE,
        task_name=one.task.kind.value,
        task_kwargs={"key": one.task.key},
        priority=_priority(one),
        queueing_lock=lock,
        lock=None,  # a lock makes the search for the next job slow; ours are the leases
        scheduled_at=None if one.at is None else base + max(one.at - now, timedelta()),
    )


def _priority(one: Ready) -> int:
    match one.task.kind:
        case TaskKind.feed:
            return FEEDS_FIRST
        case TaskKind.edition:
            return one.priority + CUTTING
        case TaskKind.batch:
            return one.priority


def _deferred(session: Session, jobs: list[Job]) -> bool:
    manager = JobManager(SyncPsycopgConnector())
    try:
        with session.begin_nested():
            manager.batch_defer_jobs(jobs, connection=driver_of(session))
    except AlreadyEnqueued:
        return False
    return True


def driver_of(session: Session) -> "psycopg.Connection[Any]":
    """The driver's own connection, in the transaction of the session."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


_LIVE = """
    SELECT job.args ->> 'key' FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.task_name = :kind AND (
        job.status = 'todo' AND coalesce(job.scheduled_at <= now(), true)
        OR job.status = 'doing' AND worker.last_heartbeat >= now() - make_interval(secs => :patience) AND EXISTS (
            SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id
            AND event.type = 'started' AND event.at >= now() - make_interval(secs => :patience)
        )
    )
"""


def live(session: Session, kind: TaskKind, *, patience: timedelta) -> set[str]:
    """The keys of tasks for which a job waits to be taken now, or was begun just now by a worker that lives.

    Not those begun longer ago: whoever is at such a task has its lease, so that nobody asks; and a worker that could
    not tell the database that it ended a job would be believed to be at it for ever.
    """
    return set(session.scalars(text(_LIVE), {"kind": kind.value, "patience": patience.total_seconds()}))


_STALLED = """
    DELETE FROM procrastinate_jobs AS job WHERE job.status = 'doing' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat >= now() - make_interval(secs => :patience)
    ) RETURNING job.task_name, job.args ->> 'key'
"""


def drop_stalled(session: Session, *, patience: timedelta) -> list[Task]:
    """Delete jobs whose worker gave no sign of life for so long; gives what they were about."""
    rows = session.execute(text(_STALLED), {"patience": patience.total_seconds()}).all()
    return [Task(TaskKind(kind), key) for kind, key in rows]


_FINISHED = """
    DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_events AS event
        WHERE event.job_id = procrastinate_jobs.id AND event.at > now() - make_interval(secs => :age)
    )
"""


def delete_finished(session: Session, *, age: timedelta) -> None:
    """Delete what is left of jobs that came to their end so long ago."""
    session.execute(text(_FINISHED), {"age": age.total_seconds()})


def counts(session: Session, *, patience: timedelta) -> dict[str, int]:
    """How many jobs there are in each state; those under way with a dead worker count as `stalled`."""
    statement = text(
        "SELECT CASE WHEN job.status = 'doing' AND NOT coalesce("
        "worker.last_heartbeat >= now() - make_interval(secs => :patience), false) "
        "THEN 'stalled' ELSE job.status::text END AS state, count(*) FROM procrastinate_jobs AS job "
        "LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id GROUP BY state"
    )
    rows = session.execute(statement, {"patience": patience.total_seconds()})
    return {str(state): int(count) for state, count in rows}
