"""How it goes, day by day; and how an edition went, second by second."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from db import figures
from db.engine import Store
from scheduler import care, going, suppressing
from scheduler.course import STRETCHES, cut
from scheduler.going import Growth, Late, last_days
from scheduler.steer import By
from tests.making import TOKENS, a_clockwork, a_house, a_planned_post, a_reader, a_series, at
from timing.clocks import Moment

NOW = at("2026-03-10 12:00")


def test_the_last_days_end_today_where_the_site_is():
    span = last_days(at("2026-03-10 23:30"), "Europe/Riga", count=3)

    assert span.days == (date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11))
    assert span.begin == at("2026-03-08 22:00")


def test_a_day_of_a_change_of_clocks_has_what_happened_on_it():
    span = last_days(at("2026-03-29 20:00"), "Europe/Riga", count=2)
    moments = ("2026-03-28 21:59", "2026-03-28 22:00", "2026-03-29 20:59", "2026-03-29 21:00")
    counted = [figures.Counted(at(moment), "a", 2**place) for place, moment in enumerate(moments)]

    assert span.summed(counted) == {date(2026, 3, 28): Counter(a=1), date(2026, 3, 29): Counter(a=6)}


def test_growth_is_told_from_who_is_here_backwards(store: Store):
    a_house(store)
    with store.writing() as session:
        a_series(session)
        for number, day in enumerate((8, 8, 9, 10, 10)):
            a_reader(session, f"r{number}@example.org", now=at(f"2026-03-{day:02} 09:00"))
        pending = a_reader(session, "not.yet@example.org", now=at("2026-03-10 09:00"))
        pending.state = "pending"
        gone = a_reader(session, "gone@example.org", now=at("2026-01-01 09:00"))
        when = at("2026-03-09 10:00")
        care.stop(session, gone, By("ada", when), Moment(when, when))
        bad = a_reader(session, "bad@example.org", now=at("2026-01-01 09:00"))
        suppressing.add(session, bad.address, TOKENS.fingerprint, By("ada", at("2026-03-10 10:00")))

    with store.reading() as session:
        grown = going.growth(session, last_days(NOW, "UTC", count=3))

    assert grown == [
        Growth(date(2026, 3, 8), 2, 0, 0, 4),
        Growth(date(2026, 3, 9), 1, 1, 0, 4),
        Growth(date(2026, 3, 10), 2, 0, 1, 5),
    ]


def test_lateness_is_that_of_releases_that_were_due(store: Store, tmp_path):
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        for number in range(3):
            a_planned_post(session, series, at(f"2026-03-09 0{number}:00"))
        a_planned_post(session, series, at("2026-02-01 07:00"))
    for number, seconds in enumerate((2, 4, 60)):
        a_clockwork(store, tmp_path / "node.json").release(at(f"2026-03-09 0{number}:00") + timedelta(seconds=seconds))

    with store.reading() as session:
        late = going.lateness(session, last_days(NOW, "UTC", count=2))

    assert late == [Late(date(2026, 3, 9), 3, 4000, 60000), Late(date(2026, 3, 10), 0, 0, 0)]


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 61, 3_600, 86_400.5])
def test_stretches_are_equal_few_and_hold_both_ends(seconds: float):
    begin = at("2026-03-10 05:00")
    end = begin + timedelta(seconds=seconds)

    edges = cut(begin, end)

    lengths = {after - before for before, after in pairwise(edges)}
    assert len(lengths) == 1
    assert edges[0] == begin
    assert edges[-2] <= end < edges[-1]
    assert len(edges) - 1 <= STRETCHES + 1
