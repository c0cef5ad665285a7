"""The clock: one wake-up job in APScheduler's memory, armed anew after each run. The tables are the schedule."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from db.errors import FascicleError
from timing.clocks import Clock

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=1)
"""An edit by another process, or a step of the machine's clock, is seen this soon."""
_WAKE = "wake up"


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
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})

    def start(self) -> None:
        self._scheduler.start()
        self._arm(self._now())

    def stop(self) -> None:
        """Ends after the wake-up under way."""
        # Not shutdown(wait=True): it would hold the scheduler's lock, for which a wake-up that arms the next one waits.
        self._scheduler.shutdown(wait=False)
        with self._awake:
            self._stopped = True

    def _arm(self, at: datetime) -> None:
        # No grace time: a wake-up that comes late is as good as any other, since it asks the tables what is due.
        trigger = DateTrigger(run_date=at)
        self._scheduler.add_job(self._tick, trigger, id=_WAKE, replace_existing=True, misfire_grace_time=None)

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
        now = self._now()
        latest = now + LONGEST_SLEEP
        if self._scheduler.running:
            self._arm(min(due, latest) if due is not None and due > now else latest)
