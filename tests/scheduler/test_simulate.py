from datetime import timedelta
from pathlib import Path

import pytest

from db.engine import Store
from db.states import StoreKind
from scheduler import replay
from scheduler.release import release_due
from scheduler.simulate import Event, simulate
from tests.making import (
    NOON,
    RULES,
    a_clockwork,
    a_house,
    a_planned_post,
    a_reader,
    a_series,
    at,
    contents,
    edition_keys,
)

END = at("2026-03-09 00:00")


@pytest.fixture
def planned(store: Store) -> Store:
    """Two series with posts from the 5th to the 7th, a daily reader and an instant one."""
    a_house(store, kind=StoreKind.replay)
    with store.writing() as session:
        primer, notes = a_series(session, "primer"), a_series(session, "notes")
        for day in (5, 6, 7):
            a_planned_post(session, primer, at(f"2026-03-0{day} 07:00"), slug=f"chapter-{day}")
        for name in ("a", "b"):
            a_planned_post(session, notes, at("2026-03-06 18:00"), slug=f"note-{name}")
        a_reader(session, hour=8)
        a_reader(session, "bob@example.org", frequency="instant")
    return store


def foreseen(store: Store) -> list[Event]:
    with store.reading() as session:
        return simulate(session, since=NOON, until=END, rules=RULES)


def test_a_simulation_touches_nothing(planned: Store):
    before = contents(planned)

    foreseen(planned)

    assert contents(planned) == before


def test_what_is_foreseen_is_what_is_then_released(planned: Store, note: Path):
    events = foreseen(planned)

    done = replay.leap(a_clockwork(planned, note), END)

    expected = [(one.planned_at, f"{one.series}/{one.slug}") for one in done]
    assert [(event.at, event.what) for event in events if event.kind == "release"] == expected


def test_the_instant_editions_foreseen_are_those_that_then_come(planned: Store, note: Path):
    events = foreseen(planned)

    replay.leap(a_clockwork(planned, note), END)

    instants = [key for key in edition_keys(planned) if key.startswith("instant:")]
    assert [event.what for event in events if event.what.startswith("instant:")] == instants


def test_a_digest_is_foreseen_for_each_day_with_something_new(planned: Store):
    events = foreseen(planned)

    digests = [(event.what, event.letters) for event in events if event.what.startswith("digest:")]
    assert digests == [(f"digest:UTC:08:2026-03-0{day}", 1) for day in (5, 6, 7)]


def test_posts_of_one_moment_share_one_instant_edition(planned: Store):
    events = foreseen(planned)

    at_six = [event.kind for event in events if event.at == at("2026-03-06 18:00")]
    assert at_six == ["release", "release", "edition"]


def test_a_release_goes_before_the_digest_of_its_moment(store: Store):
    a_house(store)
    with store.writing() as session:
        a_planned_post(session, a_series(session), at("2026-03-05 07:00"))
        a_reader(session)

    events = foreseen(store)

    assert [event.kind for event in events] == ["release", "edition"]
    assert events[0].feeds == ("primer/feed", "feeds/all")


def test_a_held_series_is_foreseen_to_release_nothing(store: Store):
    a_house(store)
    with store.writing() as session:
        a_planned_post(session, a_series(session), at("2026-03-05 07:00"))
    release_due(store, now=at("2026-03-05 07:00") + timedelta(days=2), rules=RULES)

    assert foreseen(store) == []


def test_a_series_that_missed_its_moment_by_too_much_is_foreseen_as_held(planned: Store):
    late = at("2026-03-06 12:00")

    with planned.reading() as session:
        events = simulate(session, since=late, until=END, rules=RULES)

    assert (events[0].kind, events[0].what) == ("hold", "primer")
    assert [event.what for event in events if event.kind == "release"] == ["notes/note-a", "notes/note-b"]
