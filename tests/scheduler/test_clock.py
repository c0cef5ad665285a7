import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from db.errors import FascicleError, StoreUnreachable
from scheduler.clock import LONGEST_SLEEP, NEXT_TRY, ReleaseClock, next_wake

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PATIENCE = 120


class _Sleeper:
    """Counts wake-ups; the first ones may fail."""

    def __init__(self, *failures: Exception, enough: int = 3) -> None:
        self._failures = list(failures)
        self._enough = enough
        self.seen: list[datetime] = []
        self.done = threading.Event()

    def wake(self, now: datetime) -> None:
        self.seen.append(now)
        if len(self.seen) >= self._enough:
            self.done.set()
        if self._failures:
            raise self._failures.pop(0)


class _Stepping:
    """A clock by hand: one minute later each time that somebody looks."""

    def __init__(self) -> None:
        self._now = LONG_AGO

    def __call__(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now


def running(wake: Callable[[datetime], object], due: Callable[[], datetime | None]) -> ReleaseClock:
    clock = ReleaseClock(wake, due, _Stepping())
    clock.start()
    return clock


def nothing_due() -> None:
    return None


def test_the_clock_wakes_again_and_again_though_nothing_is_due():
    sleeper = _Sleeper()

    clock = running(sleeper.wake, nothing_due)

    assert sleeper.done.wait(PATIENCE)
    clock.stop()


def test_each_wake_up_is_told_what_the_clock_shows_then():
    sleeper = _Sleeper()

    clock = running(sleeper.wake, nothing_due)
    sleeper.done.wait(PATIENCE)
    clock.stop()

    assert sleeper.seen == sorted(set(sleeper.seen))
    assert sleeper.seen[0] == LONG_AGO + timedelta(minutes=2)


def test_a_due_instant_in_the_past_does_not_stop_the_clock():
    sleeper = _Sleeper()

    clock = running(sleeper.wake, lambda: LONG_AGO)

    assert sleeper.done.wait(PATIENCE)
    clock.stop()


@pytest.mark.parametrize("error", [StoreUnreachable("the database does not answer"), FascicleError("anything of ours")])
def test_an_error_that_a_person_can_mend_does_not_end_the_clock(error: FascicleError):
    sleeper = _Sleeper(error)

    clock = running(sleeper.wake, nothing_due)

    assert sleeper.done.wait(PATIENCE)
    clock.stop()


def test_an_error_in_asking_what_is_due_does_not_end_the_clock():
    sleeper = _Sleeper()

    clock = running(sleeper.wake, _unreachable)

    assert sleeper.done.wait(PATIENCE)
    clock.stop()


def _unreachable() -> None:
    raise StoreUnreachable("the database does not answer")


def test_stopping_waits_for_the_wake_up_under_way():
    begun, may_end, stopped = threading.Event(), threading.Event(), threading.Event()
    clock = running(lambda _now: (begun.set(), may_end.wait(PATIENCE)), nothing_due)
    begun.wait(PATIENCE)

    stopping = threading.Thread(target=lambda: (clock.stop(), stopped.set()))
    stopping.start()
    ended_early = stopped.wait(0.1)
    may_end.set()

    assert not ended_early
    assert stopped.wait(PATIENCE)
    stopping.join(PATIENCE)


def test_a_wake_up_that_is_due_before_the_last_one_has_ended_is_not_lost(caplog: pytest.LogCaptureFixture):
    sleeper = _Sleeper(enough=5)
    caplog.set_level(logging.INFO, "apscheduler.executors.default")
    slow = _Slow()
    logging.getLogger("apscheduler.executors.default").addHandler(slow)

    clock = running(sleeper.wake, lambda: LONG_AGO)
    all_came = sleeper.done.wait(PATIENCE)
    clock.stop()
    logging.getLogger("apscheduler.executors.default").removeHandler(slow)

    assert all_came


class _Slow(logging.Handler):
    """Holds APScheduler up between the end of a job and its noting that the job has ended."""

    def emit(self, record: logging.LogRecord) -> None:
        threading.Event().wait(0.05)


def test_stopping_while_a_wake_up_is_handed_out_ends_quietly():
    # An exception in any thread fails a test. One stop in twenty met that moment; a hundred are as good as sure.
    for _ in range(100):
        begun = threading.Event()
        clock = running(lambda _now: begun.set(), nothing_due)  # noqa: B023 - called before the next turn
        begun.wait(PATIENCE)
        clock.stop()


@pytest.mark.parametrize(
    ("due_in", "wakes_in"),
    [
        pytest.param(None, LONGEST_SLEEP, id="nothing is due"),
        pytest.param(timedelta(hours=1), LONGEST_SLEEP, id="nothing soon"),
        pytest.param(timedelta(milliseconds=300), timedelta(milliseconds=300), id="something soon"),
        pytest.param(timedelta(0), NEXT_TRY, id="something that this wake-up had to leave"),
        pytest.param(timedelta(hours=-1), NEXT_TRY, id="something left for long"),
    ],
)
def test_when_the_clock_wakes_next(due_in: timedelta | None, wakes_in: timedelta):
    due = None if due_in is None else LONG_AGO + due_in

    assert next_wake(due, now=LONG_AGO) == LONG_AGO + wakes_in


def test_the_clock_looks_again_within_a_second_whatever_is_due():
    assert timedelta(seconds=1) >= LONGEST_SLEEP
