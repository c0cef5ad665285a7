"""Work handed out without anything beside the store: each worker looks into it again and again."""

from collections.abc import Sequence
from threading import Event

from sqlalchemy.orm import Session

from db.tasks import Task
from scheduler.dispatch.port import Bench

IDLE = 0.5
"""Seconds a worker rests when there was nothing to do and nobody woke it."""


class Embedded:
    """Workers of one process or of several, on either database; they share the work by its leases."""

    def __init__(self) -> None:
        self._woken = Event()
        self._stopping = Event()

    def offer(self, session: Session, tasks: Sequence[Task]) -> None:
        """Nothing: the rows that are ready are the offer."""

    def work(self, bench: Bench) -> None:
        while not self._stopping.is_set():
            bench.do_all()
            self._woken.wait(IDLE)
            self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()

    def keep_up(self) -> int:
        return 0
