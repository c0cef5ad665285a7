import datetime

import pytest

from importers.walltime import NotAWallTime, read_wall


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-03-05", datetime.date(2026, 3, 5)),
        ("2026-03-05 07:00", datetime.datetime(2026, 3, 5, 7, 0)),
        ("2026-03-05T07:00", datetime.datetime(2026, 3, 5, 7, 0)),
        ("2026-03-05 07:00:30", datetime.datetime(2026, 3, 5, 7, 0, 30)),
        ("2024-02-29", datetime.date(2024, 2, 29)),
    ],
)
def test_a_date_or_wall_time_is_read(text: str, wall: datetime.date) -> None:
    assert read_wall(text) == wall
    assert type(read_wall(text)) is type(wall)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2025-02-29"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(NotAWallTime, match="no such day"):
        read_wall(text)


@pytest.mark.parametrize("text", ["2026-03-05 24:00", "2026-03-05 07:60", "2026-03-05 07:00:60"])
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(NotAWallTime, match="no such time"):
        read_wall(text)


@pytest.mark.parametrize(
    "text", ["2026-03-05T07:00Z", "2026-03-05 07:00+02:00", "2026-03-05 07:00:00 -0500", "2026-03-05 07:00 UTC"]
)
def test_an_offset_is_refused_and_told_of_the_zone_of_the_series(text: str) -> None:
    with pytest.raises(NotAWallTime, match="in the zone of their series"):
        read_wall(text)


@pytest.mark.parametrize(
    "text", ["5.3.2026", "2026-3-5", "March 5", "2026-03-05 7:00", "２０２６-03-05", "2026-03-05 07"]
)
def test_another_form_is_refused_and_told_the_right_one(text: str) -> None:
    with pytest.raises(NotAWallTime, match="YYYY-MM-DD"):
        read_wall(text)


@pytest.mark.parametrize("text", ["0000-01-01", "0001-01-01", "9999-12-31"])
def test_a_year_at_the_edge_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotAWallTime, match="between 1000 and 2999"):
        read_wall(text)
