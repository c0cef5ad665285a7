"""Places whose clocks have done something worth remembering."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice

import pytest

from tests.making import at
from tests.timing import oracle
from tests.timing.rules import OLDER, older_rules
from timing.wall import Oddity, date_exists, gap_or_fold, moment_of, next_moment, to_instant, to_wall

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
SAO_PAULO = "America/Sao_Paulo"
APIA = "Pacific/Apia"
LORD_HOWE = "Australia/Lord_Howe"
CASABLANCA = "Africa/Casablanca"
MEXICO_CITY = "America/Mexico_City"


def moments_after(after: datetime, *, hour: int, zone: str) -> Iterator[datetime]:
    while True:
        _, after = next_moment(after, hour=hour, zone=zone)
        yield after


def sevens(zone: str, *days: date) -> list[datetime | None]:
    """The instants of seven o'clock on these dates."""
    return [moment_of(day, hour=7, zone=zone) for day in days]


# Berlin


def test_a_time_that_berlin_skips_is_read_with_the_offset_before_the_gap():
    wall = datetime(2026, 3, 29, 2, 30)

    instant = to_instant(wall, BERLIN)

    assert gap_or_fold(wall, BERLIN) is Oddity.gap
    assert instant == at("2026-03-29 01:30")
    assert to_wall(instant, BERLIN) == datetime(2026, 3, 29, 3, 30)


def test_a_time_that_berlin_has_twice_is_the_first():
    wall = datetime(2026, 10, 25, 2, 30)

    assert gap_or_fold(wall, BERLIN) is Oddity.fold
    assert to_instant(wall, BERLIN) == at("2026-10-25 00:30")


def test_both_instants_of_a_doubled_hour_show_the_same_wall_time():
    first, second = at("2026-10-25 00:30"), at("2026-10-25 01:30")

    assert to_wall(first, BERLIN) == to_wall(second, BERLIN) == datetime(2026, 10, 25, 2, 30)


@pytest.mark.parametrize(
    ("wall", "oddity"),
    [
        (datetime(2026, 3, 29, 1, 59, 59), None),
        (datetime(2026, 3, 29, 2), Oddity.gap),
        (datetime(2026, 3, 29, 2, 59, 59), Oddity.gap),
        (datetime(2026, 3, 29, 3), None),
        (datetime(2026, 10, 25, 1, 59, 59), None),
        (datetime(2026, 10, 25, 2), Oddity.fold),
        (datetime(2026, 10, 25, 2, 59, 59), Oddity.fold),
        (datetime(2026, 10, 25, 3), None),
    ],
)
def test_the_skipped_and_the_doubled_hour_of_berlin_begin_at_two_and_end_before_three(
    wall: datetime, oddity: Oddity | None
):
    assert gap_or_fold(wall, BERLIN) is oddity


@pytest.mark.parametrize("begin", ["2026-03-26 12:00", "2026-10-22 12:00"])
def test_seven_o_clock_stays_seven_o_clock_across_a_change_of_clocks(begin: str):
    moments = list(islice(moments_after(at(begin), hour=7, zone=BERLIN), 6))

    assert [to_wall(moment, BERLIN).hour for moment in moments] == [7] * 6
    assert len({to_wall(moment, BERLIN).date() for moment in moments}) == 6


# New York


def test_a_time_that_new_york_skips_is_read_with_the_offset_before_the_gap():
    wall = datetime(2026, 3, 8, 2, 30)

    assert gap_or_fold(wall, NEW_YORK) is Oddity.gap
    assert to_instant(wall, NEW_YORK) == at("2026-03-08 07:30")


def test_a_time_that_new_york_has_twice_is_the_first():
    wall = datetime(2026, 11, 1, 1, 30)

    assert gap_or_fold(wall, NEW_YORK) is Oddity.fold
    assert to_instant(wall, NEW_YORK) == at("2026-11-01 05:30")


def test_new_york_changes_its_clocks_three_weeks_before_berlin():
    between = date(2026, 3, 16)

    assert sevens(NEW_YORK, between) == [at("2026-03-16 11:00")]
    assert sevens(BERLIN, between) == [at("2026-03-16 06:00")]


# São Paulo


def test_the_midnight_that_sao_paulo_skipped_in_2018_is_one_o_clock():
    wall = datetime(2018, 11, 4)

    instant = to_instant(wall, SAO_PAULO)

    assert gap_or_fold(wall, SAO_PAULO) is Oddity.gap
    assert instant == at("2018-11-04 03:00")
    assert to_wall(instant, SAO_PAULO) == datetime(2018, 11, 4, 1)


def test_the_day_without_midnight_in_sao_paulo_exists():
    assert date_exists(date(2018, 11, 4), SAO_PAULO)
    assert moment_of(date(2018, 11, 4), hour=0, zone=SAO_PAULO) == at("2018-11-04 03:00")


def test_the_hour_before_midnight_that_sao_paulo_had_twice_in_2018_is_the_first():
    wall = datetime(2018, 2, 17, 23, 30)

    assert gap_or_fold(wall, SAO_PAULO) is Oddity.fold
    assert to_instant(wall, SAO_PAULO) == at("2018-02-18 01:30")


def test_sao_paulo_has_had_no_summer_time_since_2019():
    assert sevens(SAO_PAULO, date(2019, 1, 5), date(2020, 1, 5)) == [at("2019-01-05 09:00"), at("2020-01-05 10:00")]


# Samoa


def test_samoa_had_no_30_december_2011():
    days = [date(2011, 12, number) for number in (29, 30, 31)]

    assert [date_exists(day, APIA) for day in days] == [True, False, True]
    assert moment_of(date(2011, 12, 30), hour=7, zone=APIA) is None


def test_every_time_of_the_day_that_samoa_skipped_is_in_a_gap():
    walls = [datetime(2011, 12, 30, hour) for hour in (0, 7, 23)]

    assert [gap_or_fold(wall, APIA) for wall in walls] == [Oddity.gap] * 3


def test_a_chapter_planned_for_the_day_that_samoa_skipped_comes_at_that_hour_of_the_next():
    instant = to_instant(datetime(2011, 12, 30, 7), APIA)

    assert to_wall(instant, APIA) == datetime(2011, 12, 31, 7)


def test_the_next_moment_in_samoa_steps_over_the_missing_day():
    day, moment = next_moment(at("2011-12-29 17:00"), hour=7, zone=APIA)

    assert day == date(2011, 12, 31)
    assert moment == at("2011-12-30 17:00")


# Lord Howe: half an hour of summer time


def test_lord_howe_skips_half_an_hour():
    skipped, after = datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 4, 2, 30)

    assert [gap_or_fold(wall, LORD_HOWE) for wall in (skipped, after)] == [Oddity.gap, None]
    assert to_instant(skipped, LORD_HOWE) == at("2026-10-03 15:45")
    assert to_wall(at("2026-10-03 15:45"), LORD_HOWE) == datetime(2026, 10, 4, 2, 45)


def test_lord_howe_has_half_an_hour_twice():
    before, twice = datetime(2026, 4, 5, 1, 15), datetime(2026, 4, 5, 1, 45)

    assert [gap_or_fold(wall, LORD_HOWE) for wall in (before, twice)] == [None, Oddity.fold]
    assert to_instant(twice, LORD_HOWE) == at("2026-04-04 14:45")


def test_seven_o_clock_on_lord_howe_moves_by_half_an_hour():
    before, after = sevens(LORD_HOWE, date(2026, 10, 3), date(2026, 10, 4))

    assert (before, after) == (at("2026-10-02 20:30"), at("2026-10-03 20:00"))


# Casablanca: one hour back for Ramadan, which tzdata writes as a negative summer time


def test_casablanca_puts_its_clocks_back_for_ramadan_and_forward_after_it():
    before, during, after = sevens(CASABLANCA, date(2025, 2, 22), date(2025, 2, 23), date(2025, 4, 6))

    assert (before, during, after) == (at("2025-02-22 06:00"), at("2025-02-23 07:00"), at("2025-04-06 06:00"))


def test_casablanca_has_an_hour_twice_when_ramadan_begins():
    wall = datetime(2025, 2, 23, 2, 30)

    assert gap_or_fold(wall, CASABLANCA) is Oddity.fold
    assert to_instant(wall, CASABLANCA) == at("2025-02-23 01:30")


def test_casablanca_skips_an_hour_when_ramadan_is_over():
    wall = datetime(2025, 4, 6, 2, 30)

    assert gap_or_fold(wall, CASABLANCA) is Oddity.gap
    assert to_instant(wall, CASABLANCA) == at("2025-04-06 02:30")


# Mexico City: summer time abolished in October 2022


def test_mexico_city_had_its_last_summer_time_in_2022():
    last, never = sevens(MEXICO_CITY, date(2022, 7, 10), date(2023, 7, 10))

    assert (last, never) == (at("2022-07-10 12:00"), at("2023-07-10 13:00"))


def test_rules_from_before_the_law_expect_summer_time_in_2023():
    with older_rules():
        summers = sevens(MEXICO_CITY, date(2022, 7, 10), date(2023, 7, 10))

    assert summers == [at("2022-07-10 12:00"), at("2023-07-10 12:00")]


def test_the_night_that_mexico_city_would_have_changed_its_clocks_has_a_gap_by_the_older_rules_alone():
    wall = datetime(2023, 4, 2, 2, 30)

    with older_rules():
        before = gap_or_fold(wall, MEXICO_CITY)

    assert before is Oddity.gap
    assert gap_or_fold(wall, MEXICO_CITY) is None


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2030])
def test_the_older_rules_too_are_read_as_the_oracle_reads_them(year: int):
    with older_rules(), oracle.reading_the_pinned_zones(OLDER):
        changes = list(oracle.changes(MEXICO_CITY, since=year, until=year + 1))
        walls = [wall for change in changes for wall in oracle.walls_around(change, MEXICO_CITY)]
        ours = [(to_instant(wall, MEXICO_CITY), gap_or_fold(wall, MEXICO_CITY)) for wall in walls]
        theirs = [(oracle.instant_of(wall, MEXICO_CITY), oracle.oddity_of(wall, MEXICO_CITY)) for wall in walls]

    assert len(changes) == 2
    assert ours == theirs


def test_other_zones_stay_as_they_are_under_the_older_rules():
    with older_rules():
        berlin = sevens(BERLIN, date(2026, 7, 10))

    assert berlin == [at("2026-07-10 05:00")]
