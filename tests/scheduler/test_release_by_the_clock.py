"""Releases by a running clock: the machine's clock is stepped, a night changes its length, the machine sleeps."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from db.engine import Store
from db.states import MissedPolicy
from db.tables import Release, Series
from tests.making import a_house, a_series, a_source, at, released_slugs, releases_of, taken_in, the_series
from tests.scheduler.releasing import DUE, HOUR, HandClock, planned, running, until

SOON = timedelta(milliseconds=300)
MORNING = at("2026-03-05 07:00")
StartAt = Callable[[datetime], HandClock]


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> StartAt:
    """Makes the clock of this machine: the one that the program asks, and the one that APScheduler waits by.

    The program looks at it five times as often as it does outside of tests, so that they need not wait for it.
    """
    monkeypatch.setattr("scheduler.clock.LONGEST_SLEEP", timedelta(milliseconds=200))

    def start(shows: datetime) -> HandClock:
        clock = HandClock(shows)

        class _Stepped(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return clock().astimezone(tz)

        monkeypatch.setattr("apscheduler.schedulers.base.datetime", _Stepped)
        return clock

    return start


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


@pytest.fixture
def three(store: Store) -> list[Series]:
    """A series for each policy about the missed, its slug the policy's name."""
    a_house(store)
    with store.writing() as session:
        return [a_series(session, policy.value, missed=policy) for policy in MissedPolicy]


def never_early(store: Store) -> bool:
    return all(release.released_at >= release.planned_at for release in releases_of(store))


def test_a_clock_set_forward_by_an_hour_releases_what_became_due_and_no_more(
    store: Store, primer: Series, note: Path, clock_at: StartAt
):
    planned(store, primer, "in that hour", due=MORNING + HOUR / 2)
    planned(store, primer, "after it", due=MORNING + HOUR * 3 / 2)
    clock = clock_at(MORNING)

    with running(store, note, clock) as work:
        until(lambda: work.wakes)
        clock.step(HOUR)
        until(lambda: released_slugs(store))
        work.wait_for_wakes(2)

    assert released_slugs(store) == ["in that hour"]
    assert never_early(store)


def test_a_clock_set_back_by_an_hour_releases_nothing_early_and_nothing_twice(
    store: Store, primer: Series, note: Path, clock_at: StartAt
):
    planned(store, primer, "before", due=MORNING)
    planned(store, primer, "later", due=MORNING + timedelta(minutes=10))
    clock = clock_at(MORNING)

    with running(store, note, clock) as work:
        until(lambda: released_slugs(store))
        clock.step(-HOUR)
        work.wait_for_wakes(5)

    assert released_slugs(store) == ["before"]
    assert never_early(store)


def test_a_clock_set_back_by_an_hour_goes_on_with_what_is_planned_for_that_hour(
    store: Store, primer: Series, note: Path, clock_at: StartAt
):
    clock = clock_at(MORNING)

    with running(store, note, clock) as work:
        until(lambda: work.wakes)
        clock.step(-HOUR)
        planned(store, primer, "one", due=clock() + SOON)
        until(lambda: released_slugs(store))

    assert never_early(store)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        pytest.param("2026-03-29 02:30", "2026-03-29 01:30", id="spring, a time that does not exist"),
        pytest.param("2026-03-29 07:00", "2026-03-29 05:00", id="spring, the morning after"),
        pytest.param("2026-10-25 02:30", "2026-10-25 00:30", id="autumn, a time that comes twice"),
        pytest.param("2026-10-25 07:00", "2026-10-25 06:00", id="autumn, the morning after"),
    ],
)
def test_in_a_night_that_changes_the_clocks_of_berlin_a_post_comes_at_its_wall_time(
    store: Store, note: Path, clock_at: StartAt, wall: str, instant: str
):
    clock = clock_at(at(instant) - SOON)
    a_house(store)
    with store.writing() as session:
        berlin = a_series(session, zone="Europe/Berlin")
        taken_in(session, berlin, [a_source(wall=datetime.fromisoformat(wall))])

    with running(store, note, clock):
        until(lambda: released_slugs(store))

    [release] = releases_of(store)
    assert release.planned_at == at(instant)
    assert never_early(store)


def test_a_wall_time_that_comes_twice_releases_once(store: Store, note: Path, clock_at: StartAt):
    the_first, the_second = at("2026-10-25 00:30"), at("2026-10-25 01:30")
    clock = clock_at(the_first)
    a_house(store)
    with store.writing() as session:
        berlin = a_series(session, zone="Europe/Berlin")
        taken_in(session, berlin, [a_source(wall=datetime(2026, 10, 25, 2, 30))])

    with running(store, note, clock) as work:
        until(lambda: released_slugs(store))
        clock.step(the_second - the_first)
        work.wait_for_wakes(2)

    assert [release.planned_at for release in releases_of(store)] == [the_first]


def test_a_machine_asleep_for_three_hours_follows_the_policy_of_each_series(
    store: Store, three: list[Series], note: Path, clock_at: StartAt
):
    clock = clock_at(DUE - HOUR)
    for series in three:
        planned(store, series, f"{series.slug}-first", due=DUE)
        planned(store, series, f"{series.slug}-second", due=DUE + HOUR)
        planned(store, series, f"{series.slug}-third", due=DUE + 9 * HOUR)

    with running(store, note, clock) as work:
        until(lambda: work.wakes)
        clock.step(3 * HOUR)
        until(lambda: released_slugs(store))
        work.wait_for_wakes(2)

    assert released_slugs(store) == ["release-first", "release-second"]
    assert [hours_late(release) for release in releases_of(store)] == [2, 1]
    assert the_series(store, "release").held_reason is None
    assert "hold-first was due 2026-03-05 07:00 UTC" in (the_series(store, "hold").held_reason or "")
    assert "`fascicle plan reflow reflow`" in (the_series(store, "reflow").held_reason or "")


def hours_late(release: Release) -> int:
    return (release.released_at - release.planned_at) // HOUR


def test_a_machine_asleep_for_more_than_a_day_holds_every_series_whatever_its_policy(
    store: Store, three: list[Series], note: Path, clock_at: StartAt
):
    clock = clock_at(DUE - HOUR)
    for series in three:
        planned(store, series, f"{series.slug}-first", due=DUE)

    with running(store, note, clock) as work:
        until(lambda: work.wakes)
        clock.step(26 * HOUR)
        until(lambda: the_series(store, "release").held_at)
        work.wait_for_wakes(2)

    assert released_slugs(store) == []
    assert all("was due" in (the_series(store, policy.value).held_reason or "") for policy in MissedPolicy)
