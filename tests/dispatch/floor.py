"""An office whose work is handed out in one of the ways there are, with a test as the only thing that makes it move."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from db.states import InDoubtPolicy
from db.tasks import Task
from scheduler.dispatch import Embedded, Procrastinate
from scheduler.passes import Passes
from scheduler.workbench import Workbench
from tests.sending.office import Office

WAYS = ("sqlite embedded", "postgresql embedded", "postgresql procrastinate")


def a_dispatcher(way: str, office: Office) -> Embedded | Procrastinate:
    """How work is handed out in one of the WAYS; the office's store offers it so from now on."""
    if "procrastinate" not in way:
        return Embedded()
    dispatcher = Procrastinate(office.store, lambda: office.machine)
    office.store.offer = dispatcher.offer
    return dispatcher


@dataclass
class Floor:
    """One store and the workers on it. `office` has both clocks in its hands."""

    office: Office
    dispatcher: Embedded | Procrastinate
    connections: int = 2
    policy: InDoubtPolicy = InDoubtPolicy.resend

    @property
    def has_jobs(self) -> bool:
        return isinstance(self.dispatcher, Procrastinate)

    def clock(self, now: datetime) -> None:
        """What the clock does at a moment: releases, editions."""
        self.office.machine = self.office.calendar = now
        with self.office.worker(1) as passes:
            passes.clockwork.wake(now)

    def work(self, port: int, *, owner: str = "node") -> None:
        """One worker does all that is handed out now, as far as the relay at this port lets it."""
        with self.bench(port, owner) as bench:
            if isinstance(self.dispatcher, Procrastinate):
                self.dispatcher.work_off(bench)
            else:
                bench.do_all()

    def settle(self, port: int, *, owner: str = "node") -> None:
        """As `work`, and then whatever was lost on its way to a worker."""
        self.work(port, owner=owner)
        if self.dispatcher.keep_up():
            self.work(port, owner=owner)

    @contextmanager
    def bench(self, port: int, owner: str = "node") -> Iterator[Workbench]:
        orders = {"policy": self.policy, "connections": self.connections}
        with self.office.worker(port, owner=owner, **orders) as passes:
            yield Workbench(passes, lambda: self.office.calendar)

    def wait(self, time: timedelta) -> None:
        """Time passes, on the machine and in the database."""
        self.office.machine += time
        if self.has_jobs:
            self._say("UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => :secs)", time)
            self._say("UPDATE procrastinate_events SET at = at - make_interval(secs => :secs)", time)
            self._say(
                "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - make_interval(secs => :secs)", time
            )

    def _say(self, statement: str, time: timedelta) -> None:
        with self.office.store.writing() as session:
            session.execute(text(statement), {"secs": time.total_seconds()})

    def jobs(self) -> list[tuple[str, str, str]]:
        """Kind, key and state of each job."""
        if not self.has_jobs:
            return []
        with self.office.store.reading() as session:
            rows = session.execute(
                text("SELECT task_name, args ->> 'key', status::text FROM procrastinate_jobs ORDER BY id")
            )
            return [(kind, key, state) for kind, key, state in rows]

    def lose_all_jobs(self) -> None:
        if self.has_jobs:
            with self.office.store.writing() as session:
                session.execute(text("DELETE FROM procrastinate_jobs"))

    def begin_and_die(self, step: Callable[[Passes], object], port: int) -> None:
        """A worker of another node takes the next job, if there are jobs, begins a step of its work, and is no more."""
        with self.office.worker(port, owner="dead") as passes:
            if self.has_jobs:
                with self.office.store.writing() as session:
                    session.execute(text(_FETCH))
            step(passes)


_FETCH = """
    SELECT procrastinate_fetch_job_v2(ARRAY['fascicle'], worker.worker_id)
    FROM procrastinate_register_worker_v1() AS worker
"""


class Offers:
    """Keeps what transactions offered."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def __call__(self, _session: object, tasks: Sequence[Task]) -> None:
        self.tasks += tasks
