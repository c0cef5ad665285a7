"""The planner: plans and opens editions on a thread beside the clock, so that the largest delays no release."""

import os
import signal
from collections.abc import Callable
from threading import Event, Thread

import structlog

from db.errors import FascicleError
from scheduler.passes import Clockwork
from timing.clocks import Clock

log = structlog.get_logger()

IDLE = 0.5
"""Seconds the planner rests when nobody woke it; an edition of another node is seen this soon."""
TROUBLE = 1.0
"""Seconds it rests when nothing can be planned, as while the database is away."""


class Planner:
    """Opens what is due, again and again, until told to stop; calls `opened` when there was something."""

    def __init__(self, works: Clockwork, now: Clock, opened: Callable[[], object]) -> None:
        self._works = works
        self._now = now
        self._opened = opened
        self._stopping = Event()
        self._woken = Event()
        self.failed = False
        self._thread = Thread(target=self._run, name="planner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Ends after the step under way; the next planner goes on behind the last batch."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._open()
                self._woken.wait(IDLE)
                self._woken.clear()
        except Exception:
            # A bug. A program without its planner would look alive and send nothing, so it ends, for all to see.
            log.exception("planner failed")
            self.failed = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _open(self) -> None:
        try:
            if self._works.open_editions(self._now(), stopping=self._stopping.is_set):
                self._opened()
        except FascicleError as error:
            log.error("planner cannot work", problem=str(error))
            self._stopping.wait(TROUBLE)
