"""Work handed out by procrastinate, on PostgreSQL: a job for each feed, edition and batch that is ready.

Jobs are hints, and may all be lost: leases say who may work, and what is ready without a job is offered again.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from sqlalchemy.orm import Session

from db import ready
from db.engine import Store
from db.errors import FascicleError, StoreUnreachable
from db.ready import Ready
from db.tasks import Task, TaskKind
from scheduler.dispatch import jobs
from scheduler.dispatch.port import Bench
from timing.clocks import Clock

log = structlog.get_logger()

POLL = 1.0
"""Seconds after which a worker looks for a job unasked: those for a later moment come without a word."""
HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""
PATIENCE = timedelta(seconds=30)
"""A worker that gave no sign of life for so long is dead."""
KEPT = timedelta(days=7)
"""How long a job that failed stays to be looked at."""
BREATH = timedelta(seconds=1)
"""Before a task is taken up again of which something is left that could be done now: somebody else is just at it."""
STOP_LOOK = 0.1
"""Seconds between two looks whether the worker shall stop."""
AT_ONCE = 1000
"""Most batches looked at in one transaction."""


class Procrastinate:
    """Workers of any number of processes; PostgreSQL's notifications wake them."""

    def __init__(self, store: Store, machine: Clock) -> None:
        self._store = store
        self._machine = machine
        self._stopping = Event()

    def offer(self, session: Session, tasks: Sequence[Task]) -> None:
        jobs.defer(session, _ready(session, tasks), now=self._machine())

    def work(self, bench: Bench) -> None:
        """Raises StoreUnreachable when the database goes away."""
        for task in bench.left():
            self._take(bench, task)
        self._run(bench, wait=True)

    def work_off(self, bench: Bench) -> None:
        """Take all tasks that have a job now, and no more."""
        self._run(bench, wait=False)

    def wake(self) -> None:
        """Nothing: the database tells all workers."""

    def stop(self) -> None:
        self._stopping.set()

    def keep_up(self) -> int:
        """Drop the jobs of dead workers and those long over, then offer what is ready and has no live job."""
        with self._store.writing() as session:
            for task in jobs.drop_stalled(session, patience=PATIENCE):
                log.warning("job of a dead worker dropped", kind=task.kind.value, key=task.key)
            jobs.delete_finished(session, age=KEPT)
        return self._offer_lost(TaskKind.feed) + self._offer_lost(TaskKind.edition) + self._offer_lost(TaskKind.batch)

    def _offer_lost(self, kind: TaskKind) -> int:
        offered, after = 0, 0
        while True:
            with self._store.writing() as session:
                found = _page(session, kind, after)
                lost = self._without_job(session, kind, found)
                jobs.defer(session, lost, now=self._machine())
            offered += len(lost)
            if kind is not TaskKind.batch or len(found) < AT_ONCE:
                break
            after = int(found[-1].task.key)
        if offered:
            log.info("tasks offered again", kind=kind.value, tasks=offered)
        return offered

    def _without_job(self, session: Session, kind: TaskKind, found: Sequence[Ready]) -> list[Ready]:
        now = self._machine()
        due = [Ready(one.task, one.priority, None) for one in found if one.at is None or one.at <= now]
        if not due:
            return []
        live = jobs.live(session, kind, patience=PATIENCE)
        return [one for one in due if one.task.key not in live]

    def _run(self, bench: Bench, *, wait: bool) -> None:
        # One thread for all jobs: a courier is for one thread.
        with ThreadPoolExecutor(1, thread_name_prefix="delivery") as delivery:
            try:
                asyncio.run(self._serve(bench, delivery, wait=wait))
            except (ConnectorException, psycopg.Error) as error:
                raise StoreUnreachable(f"the database does not answer: {error.__cause__ or error}") from error

    async def _serve(self, bench: Bench, delivery: Executor, *, wait: bool) -> None:
        app = App(connector=_connector(self._store))
        for kind in TaskKind:
            self._add(app, kind, bench, delivery)
        async with app.open_async():
            worker = Worker(
                app,
                queues=[jobs.QUEUE],
                name=None,
                wait=wait,
                fetch_job_polling_interval=POLL,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=PATIENCE.total_seconds(),
            )
            stopper = asyncio.create_task(self._stop_when_told(worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call]  # procrastinate has no type there
            finally:
                stopper.cancel()

    async def _stop_when_told(self, worker: Worker) -> None:
        # Again and again: a worker that is just beginning forgets what it was told before.
        while True:
            if self._stopping.is_set():
                worker.stop()  # type: ignore[no-untyped-call]  # nor there
            await asyncio.sleep(STOP_LOOK)

    def _add(self, app: App, kind: TaskKind, bench: Bench, delivery: Executor) -> None:
        async def take(key: str) -> None:
            await asyncio.get_running_loop().run_in_executor(delivery, self._take, bench, Task(kind, key))

        app.task(name=kind.value, queue=jobs.QUEUE)(take)

    def _take(self, bench: Bench, task: Task) -> None:
        """Do what can be done of a task; what is left of it then is offered for when it can be done."""
        if not bench.take(task):
            return  # keep_up brings it back in a while; at once would be again and again
        now = self._machine()
        soonest = now if self._stopping.is_set() else now + BREATH
        try:
            with self._store.writing() as session:
                left = [one._replace(at=max(one.at or soonest, soonest)) for one in _left_of(session, task)]
                jobs.defer(session, left, now=now)
        except FascicleError as error:
            log.warning("task not offered again", kind=task.kind.value, key=task.key, problem=str(error))


def _connector(store: Store) -> PsycopgConnector:
    _, arguments = store.engine.dialect.create_connect_args(store.engine.url)
    return PsycopgConnector(kwargs=arguments, min_size=1, max_size=3)


def _left_of(session: Session, task: Task) -> list[Ready]:
    match task.kind:
        case TaskKind.feed:
            return ready.feeds(session, [task.key])
        case TaskKind.edition:
            return ready.editions(session, [int(task.key)])
        case TaskKind.batch:
            return ready.batches(session, [int(task.key)])


def _ready(session: Session, tasks: Sequence[Task]) -> list[Ready]:
    """Those of some tasks that can be done, now or later; for an edition that is cut, its batches."""
    keys = {kind: [task.key for task in tasks if task.kind is kind] for kind in TaskKind}
    edition_ids = [int(key) for key in keys[TaskKind.edition]]
    found = ready.feeds(session, keys[TaskKind.feed]) if keys[TaskKind.feed] else []
    if edition_ids:
        found += ready.editions(session, edition_ids)
        found += ready.batches_of(session, edition_ids, limit=AT_ONCE)
    if keys[TaskKind.batch]:
        found += ready.batches(session, [int(key) for key in keys[TaskKind.batch]])
    return found


def _page(session: Session, kind: TaskKind, after: int) -> list[Ready]:
    match kind:
        case TaskKind.feed:
            return ready.feeds(session)
        case TaskKind.edition:
            return ready.editions(session)
        case TaskKind.batch:
            left = ready.batches_left_behind(session) if not after else []
            return left + ready.batches_after(session, after, limit=AT_ONCE)
