"""The clock: one wake-up job in APScheduler's memory, armed anew after each run. The tables are the schedule."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from db.errors import FascicleError
from timing.clocks import Clock

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=1)
"""An edit by another process, or a step of the machine's clock, is seen this soon."""
NEXT_TRY = timedelta(milliseconds=100)
"""How soon to look again when something due was left: another node has its series, and may die over it."""
_WAKE = "wake up"
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class ReleaseClock:
    """Calls `wake(now)` at each due instant and at least every second, from a thread of its own."""

    def __init__(
        self, wake: Callable[[datetime], object], next_due_at: Callable[[], datetime | None], now: Clock
    ) -> None:
        self._wake = wake
        self._next_due_at = next_due_at
        self._now = now
        self._awake = Lock()
        self._stopped = False
        self._scheduler = _SteadyScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})

    def start(self) -> None:
        self._scheduler.start()
        self._arm(self._now())
        log.info("clock started")

    def stop(self) -> None:
        """Ends after the wake-up under way."""
        # Not shutdown(wait=True): it would hold the scheduler's lock, for which a wake-up that arms the next one waits.
        self._scheduler.shutdown(wait=False)
        with self._awake:
            self._stopped = True

    def _arm(self, at: datetime) -> None:
        self._scheduler.armed_at = monotonic()
        # No grace time: a wake-up that comes late is as good as any other, since it asks the tables what is due.
        # Two instances: the one that arms the next has not ended yet, and APScheduler drops what is due before it has.
        self._scheduler.add_job(
            self._tick, DateTrigger(at), id=_WAKE, replace_existing=True, misfire_grace_time=None, max_instances=2
        )

    def _tick(self) -> None:
        with self._awake:
            if not self._stopped:
                self._wake_up()

    def _wake_up(self) -> None:
        due: datetime | None = None
        try:
            self._wake(self._now())
            due = self._next_due_at()
        except FascicleError as error:
            # The database may be away, or this store a copy: say it, and look again.
            log.error("clock cannot work", problem=str(error))
        finally:
            self._arm_next(due)

    def _arm_next(self, due: datetime | None) -> None:
        if self._scheduler.running:
            self._arm(next_wake(due, now=self._now()))


def next_wake(due: datetime | None, *, now: datetime) -> datetime:
    """When to look again, given when the next thing is due."""
    if due is None:
        return now + LONGEST_SLEEP
    return now + NEXT_TRY if due <= now else min(due, now + LONGEST_SLEEP)


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Runs its job after the longest sleep at the latest, even if the machine's clock was set back meanwhile.

    APScheduler waits for a moment of that clock: set back by an hour, it would sleep an hour longer. It calls
    `_process_jobs` whenever it wakes, and sleeps as many seconds as that says.
    """

    armed_at = 0.0
    """Steady time, in seconds."""

    def _process_jobs(self) -> float | None:
        try:
            return self._steadily()
        except JobLookupError:
            # It was shut down while it handed the job out, and looks for the job among those of a stopped scheduler.
            if self.running:
                raise
            return None

    def _steadily(self) -> float | None:
        rest = self.armed_at + LONGEST_SLEEP.total_seconds() - monotonic()
        if rest <= 0 and self.get_job(_WAKE):
            self.modify_job(_WAKE, next_run_time=_AT_ONCE)
        wait: float | None = super()._process_jobs()
        return None if wait is None else min(wait, max(rest, 0))
