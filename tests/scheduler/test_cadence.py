from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadValue
from scheduler.cadence import Cadence, Every, parse_date, parse_time, slots

WEDNESDAY = date(2026, 3, 4)
SEVEN = time(7)


def first(cadence: Cadence, count: int, *, after: datetime | None = None) -> list[datetime]:
    return list(islice(slots(cadence, after=after), count))


def test_a_daily_cadence_has_a_slot_each_day():
    cadence = Cadence(Every.day, SEVEN, WEDNESDAY)

    found = first(cadence, 3)

    assert found == [datetime(2026, 3, 4, 7), datetime(2026, 3, 5, 7), datetime(2026, 3, 6, 7)]


def test_a_weekday_cadence_leaves_out_the_weekend():
    cadence = Cadence(Every.weekday, SEVEN, WEDNESDAY)

    found = first(cadence, 4)

    assert [slot.day for slot in found] == [4, 5, 6, 9]


def test_a_weekday_cadence_from_a_saturday_begins_on_monday():
    cadence = Cadence(Every.weekday, SEVEN, date(2026, 3, 7))

    found = first(cadence, 1)

    assert found == [datetime(2026, 3, 9, 7)]


def test_a_weekly_cadence_keeps_the_weekday_of_its_start():
    cadence = Cadence(Every.week, time(18, 30), WEDNESDAY)

    found = first(cadence, 3)

    assert found == [datetime(2026, 3, 4, 18, 30), datetime(2026, 3, 11, 18, 30), datetime(2026, 3, 18, 18, 30)]


def test_slots_lie_strictly_after_a_moment():
    cadence = Cadence(Every.day, SEVEN, WEDNESDAY)

    found = first(cadence, 1, after=datetime(2026, 3, 5, 7))

    assert found == [datetime(2026, 3, 6, 7)]


def test_no_slot_lies_before_the_start():
    cadence = Cadence(Every.day, SEVEN, WEDNESDAY)

    found = first(cadence, 1, after=datetime(2020, 1, 1))

    assert found == [datetime(2026, 3, 4, 7)]


@given(
    every=st.sampled_from(Every),
    at=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    start=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    ahead=st.timedeltas(timedelta(days=-30), timedelta(days=400)),
)
def test_slots_strictly_increase(every: Every, at: time, start: date, ahead: timedelta):
    after = datetime.combine(start, at) + ahead

    found = first(Cadence(every, at, start), 10, after=after)

    assert all(earlier < later for earlier, later in pairwise([after, *found]))
    assert all(slot.time() == at for slot in found)


@given(every=st.sampled_from(Every), hour=st.integers(0, 23), minute=st.integers(0, 59), start=st.dates())
def test_a_cadence_comes_back_from_json_as_it_was(every: Every, hour: int, minute: int, start: date):
    cadence = Cadence(every, time(hour, minute), start)

    read = Cadence.from_json(cadence.to_json())

    assert read == cadence


def test_a_cadence_says_itself_in_words():
    cadence = Cadence(Every.week, SEVEN, WEDNESDAY)

    assert cadence.in_words() == "every Wednesday at 07:00 from 4 March 2026"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"every": "month", "at": "07:00", "start": "2026-03-04"}, "use day, weekday or week"),
        ({"at": "07:00", "start": "2026-03-04"}, "use day, weekday or week"),
        ({"every": "day", "at": "25:00", "start": "2026-03-04"}, "not a time of day"),
        ({"every": "day", "at": "noon", "start": "2026-03-04"}, "not a time of day"),
        ({"every": "day", "at": "07:00", "start": "4 March"}, "not a date"),
        ({"every": "day", "at": "07:00"}, "not a date"),
        ({"every": "day", "start": "2026-03-04", "until": "2027-01-01"}, "'until' is not a key we know"),
    ],
)
def test_what_is_no_cadence_is_refused(values: dict[str, str], said: str):
    with pytest.raises(BadValue, match=said):
        Cadence.from_json(values)


@pytest.mark.parametrize("text", ["7", "7:00", "07:00"])
def test_an_hour_may_be_written_short(text: str):
    assert parse_time(text) == time(7)


@pytest.mark.parametrize("text", ["", "24", "7:60", "7:00:00", "-1"])
def test_what_is_no_time_of_day_is_refused(text: str):
    with pytest.raises(BadValue, match="write it as 07:00"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "2026-02-29", "05.03.2026"])
def test_what_is_no_date_is_refused(text: str):
    with pytest.raises(BadValue, match="write it as 2026-03-05"):
        parse_date(text)
