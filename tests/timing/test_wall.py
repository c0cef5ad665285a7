from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import available_timezones

import pytest
import whenever
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.making import at
from timing.wall import date_exists, is_zone, moment_of, next_moment, to_instant, to_wall

ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if zone != "localtime"))


@pytest.fixture(autouse=True, scope="module")
def _the_oracle_reads_the_same_rules():
    whenever.reset_tzpath([])
    whenever.clear_tzcache()
    yield
    whenever.reset_tzpath()


def by_the_oracle(wall: datetime, zone: str) -> datetime:
    """`compatible` is RFC 5545, 3.3.5: in a gap the offset before it, of two the first."""
    plain = whenever.PlainDateTime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
    return plain.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


@settings(max_examples=500, deadline=None)
@given(zone=ZONES, wall=st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1)))
def test_any_wall_time_of_any_zone_is_the_instant_that_the_oracle_says(zone: str, wall: datetime):
    wall = wall.replace(microsecond=0)

    assert to_instant(wall, zone) == by_the_oracle(wall, zone)


@settings(max_examples=1000, deadline=None)
@given(zone=ZONES, year=st.integers(1900, 2100), away=st.timedeltas(timedelta(hours=-3), timedelta(hours=3)))
def test_around_a_change_of_clocks_too(zone: str, year: int, away: timedelta):
    change = whenever.ZonedDateTime(year, 1, 2, tz=zone).next_transition()
    assume(change is not None)

    wall = (change.to_plain().to_stdlib() + away).replace(microsecond=0)

    assert to_instant(wall, zone) == by_the_oracle(wall, zone)


@settings(max_examples=300, deadline=None)
@given(zone=ZONES, instant=st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_what_clocks_show_at_an_instant_leads_back_to_it_or_to_the_first_of_two(zone: str, instant: datetime):
    back = to_instant(to_wall(instant, zone), zone)

    assert back <= instant
    assert to_wall(back, zone) == to_wall(instant, zone)


@settings(max_examples=200, deadline=None)
@given(
    zone=ZONES,
    hour=st.integers(0, 23),
    after=st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_the_next_moment_is_strictly_later_and_never_more_than_three_days_away(zone: str, hour: int, after: datetime):
    day, moment = next_moment(after, hour=hour, zone=zone)

    assert after < moment < after + timedelta(days=3)
    assert moment == moment_of(day, hour=hour, zone=zone)


def test_a_time_that_berlin_skips_is_read_with_the_offset_before_the_gap():
    wall = datetime(2026, 3, 29, 2, 30)

    instant = to_instant(wall, "Europe/Berlin")

    assert instant == at("2026-03-29 01:30")
    assert to_wall(instant, "Europe/Berlin") == datetime(2026, 3, 29, 3, 30)


def test_a_time_that_berlin_has_twice_is_the_first():
    wall = datetime(2026, 10, 25, 2, 30)

    assert to_instant(wall, "Europe/Berlin") == at("2026-10-25 00:30")


def test_both_instants_of_a_doubled_hour_show_the_same_wall_time():
    first, second = at("2026-10-25 00:30"), at("2026-10-25 01:30")

    assert to_wall(first, "Europe/Berlin") == to_wall(second, "Europe/Berlin") == datetime(2026, 10, 25, 2, 30)


def test_samoa_had_no_30_december_2011():
    days = [date(2011, 12, number) for number in (29, 30, 31)]

    assert [date_exists(day, "Pacific/Apia") for day in days] == [True, False, True]
    assert moment_of(date(2011, 12, 30), hour=7, zone="Pacific/Apia") is None


def test_the_next_moment_in_samoa_steps_over_the_missing_day():
    day, moment = next_moment(at("2011-12-29 17:00"), hour=7, zone="Pacific/Apia")

    assert day == date(2011, 12, 31)
    assert moment == at("2011-12-30 17:00")


def test_the_midnight_that_sao_paulo_skipped_in_2018_is_one_o_clock():
    instant = to_instant(datetime(2018, 11, 4), "America/Sao_Paulo")

    assert instant == at("2018-11-04 03:00")
    assert to_wall(instant, "America/Sao_Paulo") == datetime(2018, 11, 4, 1)


def test_the_day_without_midnight_in_sao_paulo_exists():
    assert date_exists(date(2018, 11, 4), "America/Sao_Paulo")


def test_the_next_moment_is_strictly_after_the_one_just_reached():
    day, moment = next_moment(at("2026-03-05 06:00"), hour=7, zone="Europe/Berlin")

    assert (day, moment) == (date(2026, 3, 6), at("2026-03-06 06:00"))


def test_the_next_moment_is_today_while_it_is_still_to_come():
    day, moment = next_moment(at("2026-03-05 05:59"), hour=7, zone="Europe/Berlin")

    assert (day, moment) == (date(2026, 3, 5), at("2026-03-05 06:00"))


@pytest.mark.parametrize("begin", ["2026-03-26 12:00", "2026-10-22 12:00"])
def test_seven_o_clock_stays_seven_o_clock_across_a_change_of_clocks(begin: str):
    moments = list(islice(moments_after(at(begin), hour=7, zone="Europe/Berlin"), 6))

    assert [to_wall(moment, "Europe/Berlin").hour for moment in moments] == [7] * 6
    assert len({to_wall(moment, "Europe/Berlin").date() for moment in moments}) == 6


def moments_after(after: datetime, *, hour: int, zone: str):
    while True:
        _, after = next_moment(after, hour=hour, zone=zone)
        yield after


def test_a_wall_time_with_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no zone"):
        to_instant(at("2026-03-05 07:00"), "UTC")


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_name_of_the_zone_database_is_a_zone(name: str):
    assert is_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "Europe", "+01:00"]
)
def test_anything_else_is_no_zone(name: str):
    assert not is_zone(name)
