from datetime import UTC, datetime, timedelta

import pytest
import whenever

from timing.offsets import observances


@pytest.fixture(scope="module", autouse=True)
def same_rules():
    """Makes the other library read the zones of the tzdata package, as we do."""
    whenever.reset_tzpath([])
    whenever.clear_tzcache()
    yield
    whenever.reset_tzpath()
    whenever.clear_tzcache()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def offset_by(zone, instant):
    """The offset in force by the last change that is not after an instant."""
    known = observances(zone, instant.year)
    return [change for change in known if change.at <= instant][-1].after


def test_a_year_of_a_zone_begins_with_what_holds_and_names_each_change():
    first, summer, winter = observances("Europe/Berlin", 2026)

    assert (first.at, first.before, first.after, first.name) == (
        at("2026-01-01"), timedelta(hours=1), timedelta(hours=1), "CET",
    )  # fmt: skip
    assert (summer.at, summer.name, summer.daylight) == (at("2026-03-29 01:00"), "CEST", True)
    assert (winter.at, winter.name, winter.daylight) == (at("2026-10-25 01:00"), "CET", False)


def test_an_onset_is_written_as_clocks_showed_it_that_were_not_changed_yet():
    _, summer, winter = observances("Europe/Berlin", 2026)

    assert summer.wall == datetime(2026, 3, 29, 2)
    assert winter.wall == datetime(2026, 10, 25, 3)


def test_samoa_lost_a_day():
    change = observances("Pacific/Apia", 2011)[-1]

    assert change.wall == datetime(2011, 12, 30)
    assert change.after - change.before == timedelta(hours=24)


def test_a_zone_that_never_changes_has_one_observance():
    assert [change.name for change in observances("Asia/Tokyo", 2026)] == ["JST"]


@pytest.mark.parametrize(
    "zone", ["Europe/Riga", "Africa/Casablanca", "Australia/Lord_Howe", "America/Sao_Paulo", "Europe/Dublin"]
)
@pytest.mark.parametrize("year", [1850, 1918, 1942, 1996, 2018, 2026, 2039])
def test_another_library_reads_the_same_offsets(zone, year):
    first = at(f"{year}-01-01")
    hours = [first + timedelta(hours=6 * step) for step in range(4 * 365)]

    ours = [offset_by(zone, instant) for instant in hours]

    theirs = [whenever.Instant(instant).to_tz(zone).offset for instant in hours]
    assert ours == [timedelta(seconds=offset.total("seconds")) for offset in theirs]
