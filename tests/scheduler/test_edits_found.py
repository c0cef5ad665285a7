"""Faults of plan edits that a review found; each test says what must hold."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.tables import Series
from scheduler.edit import (
    AddBlackout,
    Edit,
    Insert,
    Keep,
    MoveBeside,
    MoveWithRest,
    NewZone,
    Pin,
    PlanChanged,
    Relabel,
    Remove,
    ShiftDays,
    ShiftSlots,
    apply,
    apply_at_once,
    load,
    proposing,
)
from scheduler.series_settings import Settings
from scheduler.series_settings import apply as apply_settings
from tests.making import NOON, a_house, a_series, a_source, at, taken_in
from tests.scheduler.planning import DAILY, NOW, a_plan, a_post, after, day, edited

CADENCE = {"every": "day", "at": "07:00", "start": "2026-03-01"}


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        series = a_series(session, cadence=CADENCE)
        taken_in(session, series, [a_source(slug=f"c{number}", number=str(number)) for number in range(1, 4)])
    return series


def imported(store: Store, *sources: object, now: datetime = NOON) -> None:
    with store.writing() as session:
        taken_in(session, all_series.by_slug(session, "primer"), sources, now=now)  # type: ignore[arg-type]


def done(store: Store, series: Series, edit: Edit) -> None:
    with store.writing() as session:
        apply_at_once(session, series, edit, actor="alice", now=NOON)


def set_(store: Store, settings: Settings) -> None:
    with store.writing() as session:
        apply_settings(session, settings, zone="UTC", language="en", actor="alice", now=NOON, create=False)


def days_of(store: Store) -> dict[str, datetime | None]:
    with store.reading() as session:
        plan = load(session, all_series.by_slug(session, "primer"))
    return {post.slug: post.wall for post in plan.waiting}


def test_a_dated_post_that_is_imported_leaves_the_undated_before_it_where_they_are(store: Store, primer: Series):
    imported(store, a_source(slug="late", number="9", wall=day(20)))

    assert days_of(store) == {"c1": day(2), "c2": day(3), "c3": day(4), "late": day(20)}


def test_a_draft_that_is_finished_late_takes_a_coming_slot(store: Store, primer: Series):
    imported(store, a_source(slug="c3", number="3", draft=True))

    imported(store, a_source(slug="c3", number="3"), now=at("2026-03-06 12:00"))

    assert days_of(store)["c3"] == day(7)


def test_an_hour_that_changes_brings_back_no_date_that_an_operator_changed(store: Store, primer: Series):
    source = a_source(slug="dated", number="4", wall=date(2026, 3, 10))
    imported(store, source)
    done(store, primer, Pin("dated", day(20, 18)))

    set_(store, Settings("primer", {"at": "08:00"}))
    imported(store, source)

    assert days_of(store)["dated"] == day(20, 18)


def test_a_source_that_says_what_an_operator_has_done_changes_nothing(store: Store, primer: Series):
    imported(store, a_source(slug="c4", number="4", draft=True))
    done(store, primer, Insert("c4", before="c2"))

    imported(store, a_source(slug="c4", number="4"))

    assert list(days_of(store)) == ["c1", "c4", "c2", "c3"]


def test_a_series_file_is_loaded_again_after_a_blackout_was_added(store: Store, primer: Series):
    done(store, primer, AddBlackout(date(2026, 3, 10), date(2026, 3, 12), "holidays"))

    set_(store, Settings("primer", {}, CADENCE))

    assert days_of(store) == {"c1": day(2), "c2": day(3), "c3": day(4)}


def test_nobody_is_named_when_it_was_time_that_changed_an_outcome(store: Store, primer: Series):
    done(store, primer, Relabel("c3", "33"))
    proposal = proposing(MoveBeside("c2", after="c3"))
    with store.reading() as session:
        series = all_series.by_slug(session, "primer")
        thought = proposal(session, series, at("2026-03-03 06:59"))

    over, later = {"version": series.version, "hash": thought.diff.hash}, at("2026-03-03 07:01")
    with store.writing() as session, pytest.raises(PlanChanged) as refused:
        apply(session, series.id, proposal, **over, actor="bob", now=later)

    assert "alice" not in str(refused.value)


def test_a_dated_draft_is_inserted_at_its_date_and_moves_nothing_before_it():
    plan = a_plan()
    draft = a_post(9, state="draft", pin=day(20), wall=day(20))

    found = after(replace(plan, posts=(*plan.posts, draft)), Insert("c9"))

    assert found == {"c1": day(2), "c2": day(3), "c3": day(4), "c4": day(5), "c5": day(6), "c9": day(20)}


def test_an_overdue_post_moves_with_the_rest_when_it_is_told_to():
    found = after(a_plan(), MoveWithRest("c1", day(10)), now=at("2026-03-03 12:00"))

    assert found == {"c1": day(10), "c2": day(11), "c3": day(12), "c4": day(13), "c5": day(14)}


@pytest.mark.parametrize("edit", [Remove("c4"), Pin("c4", day(10)), MoveBeside("c4", before="c2")])
def test_a_break_made_by_a_shift_stays_when_the_first_post_after_it_goes(edit: Edit):
    broken = edited(a_plan(), ShiftDays("c3", 10)).after

    found = after(broken, edit)["c5"]

    assert found is not None
    assert found >= day(15)


@pytest.mark.parametrize("edit", [ShiftDays("c1", 2), ShiftSlots("c1", 2), MoveWithRest("c2", day(5))])
def test_what_moves_with_the_rest_keeps_its_distance(edit: Edit):
    broken = edited(a_plan(), ShiftSlots("c3", 3)).after

    assert after(broken, edit)["c4"] == day(10)


@pytest.mark.parametrize("edit", [ShiftDays("c2", -2), MoveWithRest("c4", day(3)), ShiftSlots("c1", 0)])
def test_a_move_to_where_a_post_cannot_go_is_refused(edit: Edit):
    with pytest.raises(BadValue):
        edited(a_plan(), edit)


@pytest.mark.parametrize("edit", [ShiftDays("c1", 10**7), ShiftDays("c1", 10**10), Relabel("c1", "a\udcff")])
def test_what_no_calendar_or_store_can_hold_is_refused(edit: Edit):
    with pytest.raises(BadValue):
        edited(a_plan(), edit)


def test_a_zone_that_keeps_what_clocks_show_takes_no_earlier_slot():
    plan = a_plan(zone="Europe/Berlin", floor=datetime(2026, 3, 2, 8))

    found = after(plan, NewZone("America/New_York", Keep.wall), now=at("2026-03-02 07:00"))

    assert found["c1"] == day(3)


def test_a_zone_that_keeps_instants_pins_no_two_posts_to_one_moment():
    twice = replace(DAILY, times=((day(1, 2, 30)).time(), (day(1, 3)).time()))
    plan = a_plan(cadence=twice, zone="Europe/Berlin", floor=day(28, 12))

    with pytest.raises(BadValue, match="c1 would share 2026-03-29 01:30 with another post"):
        edited(plan, NewZone("UTC", Keep.instant), now=NOW + timedelta(days=27))
