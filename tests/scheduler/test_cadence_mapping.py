"""A cadence as series files and the store have it."""

import json
from datetime import date, datetime, time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from db.errors import BadValue
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, daily, weekdays, weekly
from tests.scheduler.cadences import any_cadence

SEVEN = time(7)
TUESDAY = date(2026, 3, 3)
IN_FULL = """
every: weekday
at: ["07:00", "18:00"]
start: 2026-03-03
except: [2026-03-17, "2026-03-18 07:00"]
also: [2026-03-21, "2026-03-21 19:00"]
holidays: [DE-BE, us-ny]
blackouts:
- {from: 2026-07-01, until: 2026-07-31, reason: summer break}
- {from: 2027-01-01}
"""


def a_mapping(**values: Any) -> dict[str, Any]:
    """A daily cadence with the keys given; None takes one away."""
    mapping = {"every": "day", "at": "07:00", "start": "2026-03-03", **values}
    return {key: value for key, value in mapping.items() if value is not None}


@pytest.mark.parametrize(("every", "expected"), [("day", daily), ("weekday", weekdays), ("week", weekly)])
def test_the_first_version_of_the_store_is_read_and_written_as_ever(every: str, expected: Any):
    stored = {"every": every, "at": "07:00", "start": "2026-03-03"}

    read = Cadence.from_json(stored)

    assert (read, read.to_json()) == (expected(SEVEN, TUESDAY), stored)


def test_a_cadence_in_full_is_read_from_a_series_file():
    read = Cadence.from_json(yaml.load(IN_FULL, Loader=yaml.BaseLoader))

    assert read == Cadence(
        Rhythm(Unit.week, weekdays=(0, 1, 2, 3, 4)),
        (SEVEN, time(18)),
        TUESDAY,
        without_days=frozenset({date(2026, 3, 17)}),
        without_slots=frozenset({datetime(2026, 3, 18, 7)}),
        also=(datetime(2026, 3, 21, 7), datetime(2026, 3, 21, 18), datetime(2026, 3, 21, 19)),
        holidays=("DE-BE", "US-NY"),
        blackouts=(
            Blackout(date(2026, 7, 1), date(2026, 7, 31), "summer break"),
            Blackout(date(2027, 1, 1), None, ""),
        ),
    )


def test_a_cadence_in_full_is_written_as_texts():
    written = Cadence.from_json(yaml.load(IN_FULL, Loader=yaml.BaseLoader)).to_json()

    assert written == {
        "every": "weekday",
        "at": ["07:00", "18:00"],
        "start": "2026-03-03",
        "except": ["2026-03-17", "2026-03-18 07:00"],
        "also": ["2026-03-21 07:00", "2026-03-21 18:00", "2026-03-21 19:00"],
        "holidays": ["DE-BE", "US-NY"],
        "blackouts": [
            {"from": "2026-07-01", "until": "2026-07-31", "reason": "summer break"},
            {"from": "2027-01-01"},
        ],
    }


def test_without_every_there_are_only_dates_of_its_own():
    read = Cadence.from_json({"at": "08:00", "also": "2026-03-21"})

    assert read == Cadence(times=(time(8),), also=(datetime(2026, 3, 21, 8),))


def test_a_rhythm_can_be_taken_back_in_words():
    assert Cadence.from_json(a_mapping(every="dates of its own")).rhythm is None


def test_without_a_time_it_is_seven():
    assert Cadence.from_json(a_mapping(at=None)).times == (SEVEN,)


def test_weekdays_may_come_as_a_list():
    read = Cadence.from_json(a_mapping(every=["monday", "thursday"]))

    assert read.rhythm == Rhythm(Unit.week, weekdays=(0, 3))


def test_one_text_serves_where_a_list_may_stand():
    read = Cadence.from_json(a_mapping(**{"except": "2026-03-17", "holidays": "DE"}))

    assert (read.without_days, read.holidays) == ({date(2026, 3, 17)}, ("DE",))


def test_an_empty_end_of_a_blackout_is_none():
    read = Cadence.from_json(a_mapping(blackouts=[{"from": "2026-07-01", "until": "", "reason": ""}]))

    assert read.blackouts == (Blackout(date(2026, 7, 1), None, ""),)


@pytest.mark.parametrize(
    ("text", "code"),
    [("de-be", "DE-BE"), ("DEU", "DE"), ("US-New York", "US-NY"), ("FR-Zone A", "FR-Zone_A"), ("UK-eng", "GB-ENG")],
)
def test_holidays_are_kept_by_one_spelling(text: str, code: str):
    assert Cadence.from_json(a_mapping(holidays=[text])).holidays == (code,)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"evry": "day"}, "cadence: `evry` is not a key we know; did you mean `every`?"),
        ({"until": "2027-01-01"}, "cadence: `until` is not a key we know; there are every, at, start, except"),
        ({"every": "wekday"}, "cadence: every: 'wekday' does not say how often. Did you mean `weekday`?"),
        ({"every": ""}, "cadence: every: '' does not say how often"),
        ({"every": "day, or so"}, "cadence: every: 'or so' does not say how often"),
        ({"every": "month on day 32"}, "cadence: every: 32 is not a day of the month"),
        ({"at": "25:00"}, "cadence: at: '25:00' is not a time of day; write it as 07:00"),
        ({"at": ["07:00", "noon"]}, "cadence: at[1]: 'noon' is not a time of day"),
        ({"at": []}, "cadence: at: a time of day is needed"),
        ({"start": None}, "cadence: start: needed with a rhythm"),
        ({"start": "soon"}, "cadence: start: 'soon' is not a date; write it as 2026-03-05"),
        ({"start": ["2026-03-03"]}, "cadence: start: one text is expected here"),
        ({"except": ["2026-03-17", "2026-03-18 7 am"]}, "cadence: except[1]: '7 am' is not a time of day"),
        ({"except": ["2026-03-017"]}, "cadence: except[0]: '2026-03-017' is neither a date nor a wall time"),
        ({"also": [{"on": "2026-03-17"}]}, "cadence: also[0]: one text is expected here"),
        ({"holidays": ["GX"]}, "cadence: holidays[0]: 'GX' is not a country whose holidays we know; write a country"),
        ({"holidays": ["DE", "GERM"]}, "cadence: holidays[1]: 'GERM' is not a country whose holidays we know; did you"),
        ({"holidays": ["MON"]}, "cadence: holidays[0]: 'MON' is not a country"),
        ({"holidays": ["DE-BERLN"]}, "DE has no part 'BERLN' with holidays of its own; did you mean DE-BE or DE-BY?"),
        ({"holidays": ["CH-XX"]}, "CH has no part 'XX' with holidays of its own; it has AG, AI"),
        ({"holidays": ["MC-1"]}, "MC has no part '1' with holidays of its own; write MC alone"),
        ({"blackouts": "July"}, "cadence: blackouts: a list of mappings is expected"),
        ({"blackouts": [{"until": "2026-07-31"}]}, "cadence: blackouts[0].from: needed"),
        ({"blackouts": [{"form": "2026-07-01"}]}, "blackouts[0]: `form` is not a key we know; did you mean `from`?"),
        (
            {"blackouts": [{"from": "2026-07-01", "until": "August"}]},
            "cadence: blackouts[0].until: 'August' is not a date",
        ),
        (
            {"blackouts": [{"from": "2026-07-01", "until": "2026-06-01"}]},
            "cadence: blackouts[0]: a blackout cannot end on 2026-06-01, before it begins",
        ),
    ],
)
def test_what_is_no_cadence_is_refused_by_its_key(values: dict[str, Any], said: str):
    with pytest.raises(BadValue) as refused:
        Cadence.from_json(a_mapping(**values))

    assert said in str(refused.value)


@settings(deadline=None)
@given(cadence=any_cadence())
def test_a_cadence_comes_back_from_the_store_as_it_was(cadence: Cadence):
    stored = json.loads(json.dumps(cadence.to_json()))

    assert Cadence.from_json(stored) == cadence
