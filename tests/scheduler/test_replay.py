from datetime import timedelta
from pathlib import Path

import pytest

from db.engine import Store, open_store
from db.errors import CalendarRefused
from db.states import StoreKind
from scheduler import replay
from tests.making import (
    NOON,
    a_clockwork,
    a_house,
    a_planned_post,
    a_reader,
    a_series,
    at,
    edition_keys,
    released_slugs,
    releases_of,
    the_series,
)

DUES = [at(f"2026-03-{day:02} 07:00") for day in range(5, 15)]
END = at("2026-04-01 00:00")


@pytest.fixture
def played(store: Store) -> Store:
    """A store made for replay, with ten posts on ten days."""
    a_house(store, kind=StoreKind.replay)
    with store.writing() as session:
        primer = a_series(session)
        for due in DUES:
            a_planned_post(session, primer, due, slug=f"{due:day-%d}")
    return store


def test_a_moment_behind_the_calendar_of_a_replay_is_refused(played: Store):
    with pytest.raises(CalendarRefused, match="stands at 2026-03-01T12:00:00Z already"):
        replay.check_now(played, NOON - timedelta(seconds=1), machine=NOON)


def test_a_replay_may_go_beyond_the_clock_of_the_machine(played: Store):
    assert replay.check_now(played, END, machine=NOON) == END


def test_a_live_store_may_not_go_beyond_the_clock_of_the_machine(store: Store):
    a_house(store)

    with pytest.raises(CalendarRefused, match="lies in the future of this machine's clock"):
        replay.check_now(store, NOON + timedelta(seconds=1), machine=NOON)


def test_a_live_store_may_be_asked_about_the_past_and_the_present(store: Store):
    a_house(store)

    assert replay.check_now(store, NOON, machine=NOON) == NOON
    assert replay.check_now(store, NOON - timedelta(days=1), machine=NOON) == NOON - timedelta(days=1)


def test_a_live_store_has_no_calendar_to_move(store: Store, note: Path):
    a_house(store)

    with pytest.raises(CalendarRefused, match="lives on the machine's clock"):
        replay.leap(a_clockwork(store, note), END)


def test_a_leap_wakes_at_every_due_instant_so_that_nothing_is_late_or_held(played: Store, note: Path):
    done = replay.leap(a_clockwork(played, note), END)

    assert [one.planned_at for one in done] == DUES
    assert {release.lateness_ms for release in releases_of(played)} == {0}
    assert [release.released_at for release in releases_of(played)] == DUES
    assert the_series(played).held_at is None


def test_a_leap_plans_each_digest_on_its_day(played: Store, note: Path):
    with played.writing() as session:
        a_reader(session, hour=8)

    replay.leap(a_clockwork(played, note), at("2026-03-06 12:00"))

    assert edition_keys(played) == ["digest:UTC:08:2026-03-05", "digest:UTC:08:2026-03-06"]


def test_a_leap_ends_where_it_was_told(played: Store, note: Path):
    replay.leap(a_clockwork(played, note), DUES[1])

    assert released_slugs(played) == ["day-05", "day-06"]
    assert replay.calendar_of(played) == DUES[1]


def test_a_leap_backwards_does_nothing(played: Store, note: Path):
    replay.leap(a_clockwork(played, note), DUES[1])

    replay.leap(a_clockwork(played, note), DUES[0])

    assert replay.calendar_of(played) == DUES[1]


def test_the_calendar_is_kept_in_the_store(played: Store, note: Path):
    replay.leap(a_clockwork(played, note), DUES[1])

    reopened = open_store(played.engine.url.render_as_string(hide_password=False))

    assert replay.calendar_of(reopened) == DUES[1]
    reopened.close()


def test_a_leap_goes_on_where_the_last_one_ended(played: Store, note: Path):
    replay.leap(a_clockwork(played, note), DUES[4])

    rest = replay.leap(a_clockwork(played, note), END)

    assert [one.planned_at for one in rest] == DUES[5:]


def test_a_leap_steps_over_a_series_that_is_held(played: Store, note: Path):
    with played.writing() as session:
        a_planned_post(session, a_series(session, "late"), NOON - timedelta(days=3), slug="overdue")

    replay.leap(a_clockwork(played, note), END)

    assert released_slugs(played) == [f"{due:day-%d}" for due in DUES]
    assert the_series(played, "late").held_at == NOON
    assert replay.calendar_of(played) == END
