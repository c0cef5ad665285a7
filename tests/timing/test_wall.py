from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import at
from tests.timing import oracle
from timing.wall import (
    gap_or_fold,
    instants,
    is_zone,
    moment_of,
    never_earlier,
    next_moment,
    to_instant,
    to_wall,
)

ALL_ZONES = sorted(available_timezones() - {"localtime"})
ZONES = st.sampled_from(ALL_ZONES)
WALLS = st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1)).map(lambda wall: wall.replace(microsecond=0))
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@settings(max_examples=500, deadline=None)
@given(zone=ZONES, wall=WALLS)
def test_any_wall_time_of_any_zone_is_the_instant_that_the_oracle_says(zone: str, wall: datetime):
    assert to_instant(wall, zone) == oracle.instant_of(wall, zone)
    assert gap_or_fold(wall, zone) is oracle.oddity_of(wall, zone)


@settings(max_examples=300, deadline=None)
@given(zone=ZONES, instant=INSTANTS)
def test_what_clocks_show_at_an_instant_leads_back_to_it_or_to_the_first_of_two(zone: str, instant: datetime):
    back = to_instant(to_wall(instant, zone), zone)

    assert back <= instant
    assert to_wall(back, zone) == to_wall(instant, zone)


@settings(max_examples=200, deadline=None)
@given(zone=ZONES, hour=st.integers(0, 23), after=INSTANTS)
def test_the_next_moment_is_strictly_later_and_never_more_than_three_days_away(zone: str, hour: int, after: datetime):
    day, moment = next_moment(after, hour=hour, zone=zone)

    assert after < moment < after + timedelta(days=3)
    assert moment == moment_of(day, hour=hour, zone=zone)


@settings(max_examples=300, deadline=None)
@given(
    zone=ZONES,
    begin=WALLS,
    steps=st.lists(st.timedeltas(timedelta(0), timedelta(hours=5)), max_size=60),
)
def test_instants_of_a_series_never_decrease(zone: str, begin: datetime, steps: list[timedelta]):
    walls = [begin + sum(steps[:count], timedelta()) for count in range(len(steps) + 1)]

    found = instants(walls, zone)

    assert len(found) == len(walls)
    assert all(earlier <= later for earlier, later in pairwise(found))


@given(st.lists(INSTANTS))
def test_an_instant_is_moved_only_to_the_latest_before_it_and_only_when_it_would_come_earlier(moments: list[datetime]):
    found = never_earlier(moments)

    assert found == [max(moments[: place + 1]) for place in range(len(moments))]
    assert never_earlier(found) == found


@given(st.lists(INSTANTS))
def test_instants_that_are_in_order_stay_as_they_are(moments: list[datetime]):
    assert never_earlier(sorted(moments)) == sorted(moments)


def test_across_a_gap_a_later_wall_time_is_no_earlier_instant():
    walls = [datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 3, 0), datetime(2026, 3, 8, 3, 45)]

    alone = [to_instant(wall, "America/New_York") for wall in walls]
    together = instants(walls, "America/New_York")

    assert alone == [at("2026-03-08 07:30"), at("2026-03-08 07:00"), at("2026-03-08 07:45")]
    assert together == [at("2026-03-08 07:30"), at("2026-03-08 07:30"), at("2026-03-08 07:45")]


def test_no_wall_times_have_no_instants():
    assert instants([], "Europe/Berlin") == []


def test_the_next_moment_is_strictly_after_the_one_just_reached():
    day, moment = next_moment(at("2026-03-05 06:00"), hour=7, zone="Europe/Berlin")

    assert (day, moment) == (date(2026, 3, 6), at("2026-03-06 06:00"))


def test_the_next_moment_is_today_while_it_is_still_to_come():
    day, moment = next_moment(at("2026-03-05 05:59"), hour=7, zone="Europe/Berlin")

    assert (day, moment) == (date(2026, 3, 5), at("2026-03-05 06:00"))


def test_a_wall_time_with_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no zone"):
        to_instant(at("2026-03-05 07:00"), "UTC")
    with pytest.raises(ValueError, match="has no zone"):
        gap_or_fold(at("2026-03-05 07:00"), "UTC")


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_name_of_the_zone_database_is_a_zone(name: str):
    assert is_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "Europe", "+01:00"]
)
def test_anything_else_is_no_zone(name: str):
    assert not is_zone(name)
