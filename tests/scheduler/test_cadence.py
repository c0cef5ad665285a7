"""A cadence as a value: what it keeps tidy, what it refuses, and the small readers beside it."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from db.errors import BadValue
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, daily, parse_date, parse_time, weekdays, weekly

SEVEN = time(7)
WEDNESDAY = date(2026, 3, 4)
DAILY = Rhythm(Unit.day)


def test_cadences_that_say_the_same_are_equal():
    one = Cadence(DAILY, (time(18), SEVEN), WEDNESDAY, holidays=("FR", "DE"))
    other = Cadence(DAILY, (SEVEN, time(18), SEVEN), WEDNESDAY, holidays=("DE", "FR", "DE"))

    assert (one, hash(one)) == (other, hash(other))


def test_weekdays_are_sorted():
    assert Rhythm(Unit.week, weekdays=(3, 0, 3)).weekdays == (0, 3)


def test_blackouts_are_sorted_by_their_beginning():
    july, may = Blackout(date(2026, 7, 1), None), Blackout(date(2026, 5, 1), date(2026, 5, 2))

    assert Cadence(blackouts=(july, may)).blackouts == (may, july)


def test_the_spaces_of_a_reason_are_made_single():
    assert Blackout(WEDNESDAY, None, " summer\n break ").reason == "summer break"


def test_the_three_simple_cadences_have_constructors():
    made = [one(SEVEN, WEDNESDAY).in_words() for one in (daily, weekdays, weekly)]

    assert made == [
        "every day at 07:00 from 4 March 2026",
        "every weekday at 07:00 from 4 March 2026",
        "every Wednesday at 07:00 from 4 March 2026",
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rhythm": DAILY}, "start: needed with a rhythm"),
        ({"times": ()}, "at: a time of day is needed"),
        ({"times": (time(7, 0, 1),)}, "07:00:01 is not a wall time in whole minutes"),
        ({"also": (datetime(2026, 3, 4, 7, tzinfo=UTC),)}, "not a wall time in whole minutes, without a zone"),
        (
            {"rhythm": Rhythm(Unit.month, 12, month_day=30), "start": date(2026, 2, 1)},
            "start: counted from 2026-02-01, this rhythm never meets a day",
        ),
    ],
)
def test_what_is_no_cadence_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(BadValue, match=said):
        Cadence(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unit": Unit.day, "interval": 0}, "counts from 1 to 999 days, not 0"),
        ({"unit": Unit.month, "interval": 1000}, "counts from 1 to 999 months, not 1000"),
        ({"unit": Unit.week, "weekdays": (7,)}, "numbered from 0, Monday, to 6, Sunday"),
        ({"unit": Unit.day, "weekdays": (1,)}, "a rhythm of days has no weekdays"),
        ({"unit": Unit.week, "month_day": 1}, "only a rhythm of months has a day"),
        ({"unit": Unit.month, "month_day": 32}, "32 is not a day of the month"),
        ({"unit": Unit.month, "month_day": 0}, "0 is not a day of the month"),
        ({"unit": Unit.month, "weekdays": (1,), "nth": 6}, "6 is not a place of a weekday"),
        ({"unit": Unit.month, "weekdays": (1,)}, "one weekday when it has its nth"),
        ({"unit": Unit.month, "nth": 1}, "one weekday when it has its nth"),
        ({"unit": Unit.month, "nth": 1, "weekdays": (1,), "month_day": 1}, "either a day of the month or the nth"),
    ],
)
def test_what_is_no_rhythm_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(BadValue, match=said):
        Rhythm(**fields)


@pytest.mark.parametrize(
    ("last", "reason", "said"),
    [
        (date(2026, 3, 3), "", "cannot end on 2026-03-03, before it begins on 2026-03-04"),
        (None, "a\x00b", "a character that cannot be shown"),
        (None, "a\ud800b", "a character that cannot be shown"),
    ],
)
def test_what_is_no_blackout_is_refused(last: date | None, reason: str, said: str):
    with pytest.raises(BadValue, match=said):
        Blackout(WEDNESDAY, last, reason)


@pytest.mark.parametrize("text", ["7", "7:00", "07:00"])
def test_a_time_may_be_short(text: str):
    assert parse_time(text) == SEVEN


@pytest.mark.parametrize("text", ["", "seven", "24:00", "07:60", "99999999999"])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(BadValue, match="is not a time of day; write it as 07:00"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "4 March 2026", "2026-02-30"])
def test_what_is_no_date_is_refused(text: str):
    with pytest.raises(BadValue, match="is not a date; write it as 2026-03-05"):
        parse_date(text)
