"""What the tests of releases share: posts that are due, a clock that can be set, and waiting for what others do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from db.engine import Store
from db.states import PostState
from db.tables import Post, Series
from scheduler.clock import ReleaseClock
from tests.making import NOON, a_clockwork, a_planned_post, at
from timing.clocks import Clock, machine_now

DUE = at("2026-03-05 07:00")
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
PATIENCE = 120
"""Seconds; far more than anything needs on a quiet machine."""


def planned(store: Store, series: Series, *slugs: str, due: datetime = DUE, **values: object) -> None:
    """Posts of one series that are due at one instant."""
    with store.writing() as session:
        for slug in slugs:
            a_planned_post(session, series, due, slug=slug, **values)


def a_bare_post(series: Series, number: int, *, due: datetime = DUE) -> Post:
    """A planned post without words, for tests that need very many or have no importer."""
    return Post(
        series_id=series.id,
        entry_id=f"tag:example.org,2026:{series.slug}:{number}",
        slug=f"chapter-{number:04}",
        position=number,
        state=PostState.planned,
        pinned=True,
        wall=due.replace(tzinfo=None),
        zone="UTC",
        due_at=due,
        created_at=NOON,
    )


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread or process does; fails after a long while."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


class HandClock:
    """Shows the moment it was set to, goes on as fast as the machine's, and can be set forwards and back."""

    def __init__(self, shows: datetime) -> None:
        self._ahead = shows - machine_now()

    def __call__(self) -> datetime:
        return machine_now() + self._ahead

    def step(self, by: timedelta) -> None:
        self._ahead += by


class Running:
    """A release clock at work, with a count of its wake-ups."""

    def __init__(self, store: Store, note: Path, now: Clock) -> None:
        self._works = a_clockwork(store, note)
        self.wakes = 0
        self.clock = ReleaseClock(self._wake, self._works.next_due_at, now)

    def _wake(self, now: datetime) -> None:
        self._works.wake(now)
        self.wakes += 1

    def wait_for_wakes(self, count: int) -> None:
        """Wait for so many whole wake-ups from here on."""
        # One more: the one under way may have looked at the clock already.
        enough = self.wakes + count + 1
        until(lambda: self.wakes >= enough)


@contextmanager
def running(store: Store, note: Path, now: Clock) -> Iterator[Running]:
    work = Running(store, note, now)
    work.clock.start()
    try:
        yield work
    finally:
        work.clock.stop()
