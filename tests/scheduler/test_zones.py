"""Plans when tzdata is upgraded: seven o'clock stays seven o'clock."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from structlog.testing import capture_logs

from db.engine import Store
from db.states import PostState
from db.tables import Post, Series
from db.zones import Derived
from scheduler.release import release_due
from scheduler.zones import Moved, derived_anew, rederive_all
from tests.making import RULES, a_house, at, contents, in_threads, the_post, the_series
from tests.scheduler.upgrading import (
    BEFORE,
    LATER,
    MEXICO_CITY,
    SUMMER,
    UPGRADED,
    WINTER,
    a_digest_hour,
    a_plan,
    dues,
    records,
    set_post,
)
from tests.timing.rules import OLDER_VERSION
from timing.wall import TZDATA, to_instant


@pytest.fixture
def house(store: Store) -> Store:
    a_house(store, now=BEFORE)
    return store


def test_seven_o_clock_stays_seven_o_clock_when_the_rules_of_a_zone_change(house: Store):
    a_plan(house, WINTER, SUMMER)
    planned = dues(house)

    rederive_all(house, now=UPGRADED)

    assert planned == [at("2023-01-10 13:00"), at("2023-07-10 12:00")]
    assert dues(house) == [at("2023-01-10 13:00"), at("2023-07-10 13:00")]
    assert [the_post(house, slug).wall for slug in ("1", "2")] == [WINTER, SUMMER]
    assert [the_post(house, slug).tzdata for slug in ("1", "2")] == [TZDATA, TZDATA]


def test_what_moved_is_reported(house: Store):
    a_plan(house, WINTER, SUMMER)

    moved = rederive_all(house, now=UPGRADED)

    before, after = at("2023-07-10 12:00"), at("2023-07-10 13:00")
    assert moved == [Moved("primer", "2", SUMMER, MEXICO_CITY, before, after, OLDER_VERSION, TZDATA)]


def test_a_move_counts_as_a_change_of_the_post_s_moment(house: Store):
    a_plan(house, WINTER, SUMMER)

    rederive_all(house, now=UPGRADED)

    stayed, moved = the_post(house, "1"), the_post(house, "2")
    assert (stayed.sequence, stayed.moved_at) == (0, None)
    assert (moved.sequence, moved.moved_at) == (1, UPGRADED)


def test_a_move_is_on_record(house: Store):
    a_plan(house, WINTER, SUMMER)

    rederive_all(house, now=UPGRADED)

    [record] = records(house)
    assert (record.at, record.actor, record.subject) == (UPGRADED, "fascicle", f"series:{the_series(house).id}")
    assert record.detail.pop("said")["text"] == "zone rules of tzdata %(version)s in place of %(before)s"
    assert record.detail == {
        "words": f"zone rules of tzdata {TZDATA} in place of {OLDER_VERSION}",
        "from": OLDER_VERSION,
        "to": TZDATA,
        "moves": 1,
        "moved": [{"post": "2", "before": "2023-07-10T12:00:00+00:00", "after": "2023-07-10T13:00:00+00:00"}],
    }


def test_a_move_is_an_event_of_the_log(house: Store):
    a_plan(house, SUMMER)

    with capture_logs() as events:
        rederive_all(house, now=UPGRADED)

    [event] = events
    assert event["event"] == "post moved by new zone rules"
    assert (event["series"], event["post"], event["zone"]) == ("primer", "1", MEXICO_CITY)
    assert (event["before"], event["after"]) == ("2023-07-10T12:00:00+00:00", "2023-07-10T13:00:00+00:00")


def test_a_second_time_nothing_is_left_to_do(house: Store):
    a_plan(house, WINTER, SUMMER)
    a_digest_hour(house)
    rederive_all(house, now=UPGRADED)
    done = contents(house)

    again = rederive_all(house, now=UPGRADED)

    assert again == []
    assert contents(house) == done


def test_a_plan_of_the_rules_in_force_is_left_alone(house: Store):
    a_plan(house, SUMMER, by=TZDATA)
    before = contents(house)

    assert rederive_all(house, now=UPGRADED) == []
    assert contents(house) == before


def test_a_plan_that_the_new_rules_do_not_move_is_only_marked(house: Store):
    a_plan(house, SUMMER, zone="Europe/Berlin")

    moved = rederive_all(house, now=UPGRADED)

    assert moved == []
    assert records(house) == []
    assert (the_post(house, "1").tzdata, the_post(house, "1").due_at) == (TZDATA, at("2023-07-10 05:00"))


def test_a_released_post_never_changes(house: Store):
    a_plan(house, SUMMER, LATER)
    release_due(house, now=at("2023-07-10 12:00"), rules=RULES)
    released = the_post(house, "1")

    moved = rederive_all(house, now=at("2023-07-11 12:00"))

    after = the_post(house, "1")
    assert [one.post for one in moved] == ["2"]
    assert (after.state, after.due_at, after.tzdata) == (PostState.released, released.due_at, OLDER_VERSION)
    assert after.sequence == 0


def test_a_post_withdrawn_after_it_was_out_does_not_change_either(house: Store):
    a_plan(house, SUMMER)
    release_due(house, now=at("2023-07-10 12:00"), rules=RULES)
    set_post(house, "1", state=PostState.withdrawn)

    assert rederive_all(house, now=at("2023-07-11 12:00")) == []


def test_a_draft_that_had_a_moment_follows_too(house: Store):
    a_plan(house, SUMMER)
    set_post(house, "1", state=PostState.draft)

    moved = rederive_all(house, now=UPGRADED)

    assert [one.after for one in moved] == [at("2023-07-10 13:00")]


def test_a_draft_without_an_instant_has_nothing_to_derive(house: Store):
    a_plan(house, SUMMER)
    set_post(house, "1", state=PostState.draft, due_at=None)
    before = contents(house)

    assert rederive_all(house, now=UPGRADED) == []
    assert contents(house) == before


def test_a_series_may_have_been_planned_by_several_versions(house: Store):
    a_plan(house, SUMMER, LATER)
    set_post(house, "2", tzdata="2022.2")

    moved = rederive_all(house, now=UPGRADED)

    [record] = records(house)
    assert [one.from_version for one in moved] == [OLDER_VERSION, "2022.2"]
    assert record.detail["from"] == f"2022.2, {OLDER_VERSION}"


def test_each_series_that_moved_has_a_record_of_its_own(house: Store):
    a_plan(house, SUMMER, slug="primer")
    a_plan(house, SUMMER, slug="saga")
    a_plan(house, WINTER, slug="tales")

    moved = rederive_all(house, now=UPGRADED)

    assert [one.series for one in moved] == ["primer", "saga"]
    assert len(records(house)) == 2


def test_a_post_of_a_series_on_hold_follows_too(house: Store):
    a_plan(house, SUMMER)
    with house.writing() as session:
        session.execute(update(Series).values(held_at=BEFORE, held_reason="a pause"))

    assert len(rederive_all(house, now=UPGRADED)) == 1


def test_a_zone_that_the_rules_do_not_know_leaves_its_series_alone_and_is_told(house: Store):
    a_plan(house, SUMMER, slug="primer")
    a_plan(house, SUMMER, slug="saga")
    with house.writing() as session:
        session.execute(update(Post).where(Post.series_id == the_series(house).id).values(zone="Europe/Atlantis"))

    with capture_logs() as events:
        moved = rederive_all(house, now=UPGRADED)

    assert [one.series for one in moved] == ["saga"]
    assert (events[0]["event"], events[0]["series"], events[0]["zone"]) == (
        "zone unknown",
        "primer",
        "Europe/Atlantis",
    )


def test_a_gap_that_new_rules_take_away_lets_posts_return_to_their_own_instants(house: Store):
    a_plan(house, datetime(2023, 4, 2, 2, 30), datetime(2023, 4, 2, 3))
    set_post(house, "2", due_at=at("2023-04-02 08:30"))

    rederive_all(house, now=UPGRADED)

    assert dues(house) == [at("2023-04-02 08:30"), at("2023-04-02 09:00")]


def test_across_a_gap_instants_stay_in_the_order_of_the_plan(house: Store):
    a_plan(house, datetime(2023, 3, 26, 2, 30), datetime(2023, 3, 26, 3), zone="Europe/Berlin")

    rederive_all(house, now=UPGRADED)

    assert dues(house) == [at("2023-03-26 01:30"), at("2023-03-26 01:30")]


@pytest.mark.parametrize("posts", [2, 30])
def test_two_nodes_that_start_at_once_move_each_post_once(house: Store, posts: int):
    a_plan(house, *[SUMMER.replace(day=number + 1) for number in range(posts)])

    moved = in_threads(4, lambda: rederive_all(house, now=UPGRADED))

    assert sorted(len(some) for some in moved) == [0, 0, 0, posts]
    assert len(records(house)) == 1
    assert the_post(house, "1").sequence == 1


def derived(number: int, wall: datetime, *, state: str = PostState.planned) -> Derived:
    return Derived(number, f"{number}", state, wall, "America/New_York", at("2026-01-01 00:00"), OLDER_VERSION, 0)


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2026, 3, 7), datetime(2026, 3, 9)),
            st.sampled_from([PostState.planned, PostState.draft]),
        )
    )
)
def test_planned_instants_never_decrease_and_drafts_have_their_own(posts: list[tuple[datetime, PostState]]):
    rows = [derived(number, wall, state=state) for number, (wall, state) in enumerate(posts)]

    found = derived_anew(rows)

    planned = [after for row, after in found if row.state == PostState.planned]
    drafts = [(row.wall, after) for row, after in found if row.state == PostState.draft]
    assert planned == sorted(planned)
    assert all(after == to_instant(wall, "America/New_York") for wall, after in drafts)
    assert sorted(row.id for row, _ in found) == list(range(len(rows)))
