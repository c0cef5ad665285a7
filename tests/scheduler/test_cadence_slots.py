"""The slots of a cadence, from examples, and what they cost."""

import gc
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from subprocess import run
from time import process_time

import pytest

from scheduler.cadence import (
    Blackout,
    Cadence,
    Offered,
    Rhythm,
    Unit,
    daily,
    offered,
    parse_words,
    slots,
    weekdays,
    weekly,
    why_closed,
)

SEVEN = time(7)
WEDNESDAY = date(2026, 3, 4)
PAUSE = Blackout(date(2026, 3, 6), None, "the author is away")


def first(cadence: Cadence, count: int, *, after: datetime | None = None) -> list[datetime]:
    return list(islice(slots(cadence, after=after), count))


def days(words: str, count: int) -> list[str]:
    return [f"{slot:%Y-%m-%d}" for slot in first(parse_words(words), count)]


def shown(found: Iterator[Offered], count: int) -> list[tuple[str, str | None]]:
    return [(f"{at:%m-%d %H:%M}", why) for at, why in islice(found, count)]


def test_a_daily_cadence_has_a_slot_each_day():
    found = first(daily(SEVEN, WEDNESDAY), 3)

    assert found == [datetime(2026, 3, 4, 7), datetime(2026, 3, 5, 7), datetime(2026, 3, 6, 7)]


def test_a_weekday_cadence_leaves_out_the_weekend():
    found = first(weekdays(SEVEN, WEDNESDAY), 4)

    assert [slot.day for slot in found] == [4, 5, 6, 9]


def test_a_weekday_cadence_from_a_saturday_begins_on_monday():
    found = first(weekdays(SEVEN, date(2026, 3, 7)), 1)

    assert found == [datetime(2026, 3, 9, 7)]


def test_a_weekly_cadence_keeps_the_weekday_of_its_start():
    found = first(weekly(time(18, 30), WEDNESDAY), 3)

    assert found == [datetime(2026, 3, 4, 18, 30), datetime(2026, 3, 11, 18, 30), datetime(2026, 3, 18, 18, 30)]


def test_slots_come_strictly_after_the_moment_given():
    found = first(daily(SEVEN, WEDNESDAY), 1, after=datetime(2026, 3, 5, 7))

    assert found == [datetime(2026, 3, 6, 7)]


def test_no_slot_comes_before_the_start():
    found = first(daily(SEVEN, WEDNESDAY), 1, after=datetime(2020, 1, 1))

    assert found == [datetime(2026, 3, 4, 7)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("every 3 days from 2026-03-04", ["2026-03-04", "2026-03-07", "2026-03-10"]),
        # Weeks are counted from the Monday of the week that holds the start.
        ("every 2 weeks on Monday and Thursday from 2026-03-04", ["2026-03-05", "2026-03-16", "2026-03-19"]),
        ("monthly from 2026-01-31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("monthly on the 30th from 2026-01-31", ["2026-03-30", "2026-04-30", "2026-05-30"]),
        ("monthly on the last day from 2028-01-31", ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("the 2nd Tuesday of every month from 2026-03-11", ["2026-04-14", "2026-05-12", "2026-06-09"]),
        ("every 2 months on the last Friday from 2026-03-04", ["2026-03-27", "2026-05-29", "2026-07-31"]),
        ("the 5th Friday of every month from 2026-03-04", ["2026-05-29", "2026-07-31", "2026-10-30"]),
        ("yearly on the 29th from 2024-02-01", ["2024-02-29", "2028-02-29", "2032-02-29"]),
    ],
)
def test_each_rhythm_counts_from_its_start(words: str, expected: list[str]):
    found = days(words, 3)

    assert found == expected


def test_several_times_a_day_are_several_slots():
    cadence = Cadence(Rhythm(Unit.day), (time(18), SEVEN, SEVEN), WEDNESDAY)

    found = first(cadence, 3)

    assert found == [datetime(2026, 3, 4, 7), datetime(2026, 3, 4, 18), datetime(2026, 3, 5, 7)]


def test_dates_of_its_own_have_only_the_slots_named():
    cadence = parse_words("dates of its own, also on 6 March 2026 at 18:00 and 5 March 2026 at 07:00")

    found = list(slots(cadence))

    assert found == [datetime(2026, 3, 5, 7), datetime(2026, 3, 6, 18)]


def test_without_a_rhythm_there_is_no_slot():
    assert list(slots(Cadence())) == []


def test_what_is_also_a_slot_of_the_rule_comes_once():
    cadence = parse_words("daily from 4 March 2026, also on 5 March 2026")

    found = first(cadence, 3)

    assert [slot.day for slot in found] == [4, 5, 6]


def test_holidays_are_left_out_unless_named():
    cadence = parse_words("daily from 2 October 2026, not on holidays of DE-BE, also on 3 October 2026 at 18:00")

    found = first(cadence, 3)

    assert found == [datetime(2026, 10, 2, 7), datetime(2026, 10, 3, 18), datetime(2026, 10, 4, 7)]


def test_what_is_left_out_stays_out_even_when_also_named():
    cadence = parse_words("daily from 4 March 2026, not on 5 March 2026, also on 5 March 2026 at 18:00")

    found = first(cadence, 2)

    assert [slot.day for slot in found] == [4, 6]


def test_a_blackout_closes_both_its_days_whatever_is_named():
    cadence = parse_words("daily from 4 March 2026, also on 6 March 2026 at 9, closed from 5 to 6 March 2026")

    found = first(cadence, 2)

    assert [slot.day for slot in found] == [4, 7]


def test_slots_end_where_a_blackout_without_end_begins():
    cadence = Cadence(Rhythm(Unit.day), (SEVEN,), WEDNESDAY, also=(datetime(2027, 1, 1, 7),), blackouts=(PAUSE,))

    found = list(slots(cadence))

    assert [slot.day for slot in found] == [4, 5]


def test_a_blackout_of_thousands_of_years_costs_nothing():
    cadence = parse_words("daily from 4 March 2026, closed from 5 March 2026 to 30 December 9999")

    found = list(slots(cadence))

    assert found == [datetime(2026, 3, 4, 7), datetime(9999, 12, 31, 7)]


def test_slots_end_with_the_calendar():
    found = list(slots(parse_words("Fridays and Sundays from 9999-12-27")))

    assert found == [datetime(9999, 12, 31, 7)]


def test_the_last_week_of_the_calendar_is_no_trap():
    assert list(slots(parse_words("every week on Friday from 9999-12-01"), after=datetime.max)) == []


def test_a_rhythm_that_meets_only_holidays_ends():
    cadence = parse_words("yearly on the 1st from 1 January 2026, not on holidays of DE, also on 5 May 2300")

    found = list(slots(cadence))

    assert found == [datetime(2300, 5, 5, 7)]


def test_what_is_skipped_is_offered_with_its_reason():
    cadence = parse_words(
        "daily at 7 and 9 from 1 October 2026, not on holidays of DE-BE, not on 2 October 2026,"
        "not on 4 October 2026 at 7, closed on 5 October 2026 (fair), closed from 6 October 2026"
    )

    found = shown(offered(cadence), 20)

    assert found == [
        ("10-01 07:00", None),
        ("10-01 09:00", None),
        ("10-02 07:00", "left out"),
        ("10-02 09:00", "left out"),
        ("10-03 07:00", "holiday in DE-BE: Tag der Deutschen Einheit"),
        ("10-03 09:00", "holiday in DE-BE: Tag der Deutschen Einheit"),
        ("10-04 07:00", "left out"),
        ("10-04 09:00", None),
        ("10-05 07:00", "blackout: fair"),
        ("10-05 09:00", "blackout: fair"),
        ("10-06 07:00", "blackout"),
    ]


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (datetime(2026, 3, 6, 7), "blackout: the author is away"),
        (datetime(2026, 3, 4, 7), "left out"),
        (datetime(2026, 3, 5, 7), "left out"),
        (datetime(2026, 3, 5, 8), None),
        (datetime(2026, 1, 1, 7), "holiday in DE: Neujahr"),
        (datetime(2026, 1, 1, 18), None),
    ],
)
def test_a_moment_is_told_why_it_is_closed(wall: datetime, expected: str | None):
    cadence = Cadence(
        without_days=frozenset({WEDNESDAY}),
        without_slots=frozenset({datetime(2026, 3, 5, 7)}),
        also=(datetime(2026, 1, 1, 18),),
        holidays=("DE",),
        blackouts=(PAUSE,),
    )

    assert why_closed(cadence, wall) == expected


def cost(work: Callable[[], object]) -> float:
    """Seconds of the processor, without those of a look for garbage that may fall into them."""
    gc.disable()
    began = process_time()
    try:
        work()
        return process_time() - began
    finally:
        gc.enable()


@pytest.mark.parametrize("every", ["daily", "every 2 weeks on Monday", "monthly on the 15th"])
def test_a_start_long_ago_costs_nothing(every: str):
    cadence = parse_words(f"{every} at 07:00 from 1 January 0001")

    seconds = cost(lambda: first(cadence, 1, after=datetime(2026, 3, 4)))

    assert seconds < 0.05


def test_a_thousand_slots_with_holidays_and_blackouts_are_fast():
    july = [Blackout(date(year, 7, 1), date(year, 7, 31), "summer") for year in range(2026, 2030)]
    cadence = Cadence(Rhythm(Unit.day), (SEVEN,), WEDNESDAY, holidays=("DE-BE",), blackouts=tuple(july))
    first(cadence, 1000)

    seconds = min(cost(lambda: first(cadence, 1000)) for _ in range(5))

    assert seconds < 0.02


def test_holidays_are_imported_only_when_a_cadence_has_some():
    code = "import sys, scheduler.cadence; assert 'holidays' not in sys.modules"

    done = run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
