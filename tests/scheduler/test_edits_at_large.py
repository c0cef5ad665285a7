"""Edits of a whole series: a day on which all begins, a hold, and letting it go on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.tables import Series
from scheduler.cadence import Cadence, parse_words
from scheduler.edit import Edit, HoldNow, LetGo, StartAll, apply, apply_unseen, proposing, undoing
from scheduler.plan import Hold
from tests.making import a_house, a_series, a_source, at, taken_in
from tests.scheduler.planning import NOW, a_plan, a_post, after, day, edited, moments


def test_a_start_before_that_of_the_cadence_has_the_cadence_begin_then():
    late = a_plan(cadence=parse_words("weekdays at 07:00 from 16 March 2026"))

    found = edited(late, StartAll(date(2026, 3, 9)))

    assert moments(found.after)["c1"] == day(9)
    assert found.after.cadence.start == date(2026, 3, 9)


def test_a_start_for_all_leaves_pins_and_distances_as_they_are():
    plan = a_plan(a_post(1), a_post(2, earliest=day(8)), a_post(3, pin=day(20, 18)))

    found = after(plan, StartAll(date(2026, 3, 4)))

    assert found == {"c1": day(4), "c2": day(10), "c3": day(20, 18)}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (StartAll(date(2026, 2, 28)), "2026-02-28 is past"),
        (HoldNow(" "), "say why it is held"),
        (HoldNow("x" * 201), "at most 200"),
        (LetGo(), "not held"),
    ],
)
def test_what_cannot_be_done_to_a_series_is_refused(edit: Edit, words: str):
    with pytest.raises(BadValue, match=words):
        edited(a_plan(), edit)


def test_a_series_of_pins_alone_has_no_start_for_all():
    with pytest.raises(BadValue, match="rhythm first"):
        edited(a_plan(a_post(1, pin=day(4)), cadence=Cadence()), StartAll(date(2026, 3, 9)))


def test_a_held_series_is_not_held_twice():
    held = replace(a_plan(), held=Hold(NOW, "a court order"))

    with pytest.raises(BadValue, match="held already: a court order"):
        edited(held, HoldNow("another"))


def test_letting_go_says_what_comes_out_at_once():
    held = replace(a_plan(), held=Hold(NOW, "a court order"))

    found = edited(held, LetGo(), now=NOW + timedelta(days=2))

    assert found.diff.rules == ("the hold is lifted",)
    assert [note.partition(":")[0] for note in found.diff.notes] == [
        "1 Chapter 1 comes out at once",
        "2 Chapter 2 comes out at once",
    ]


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        cadence = parse_words("daily at 07:00 from 2 March 2026").to_json()
        series = a_series(session, cadence=cadence, now=at("2026-03-01 12:00"))
        taken_in(
            session, series, [a_source("Rain", slug="c1"), a_source("Wind", slug="c2")], now=at("2026-03-01 12:00")
        )
        return series


def held_reason(session: Session, primer: Series) -> str | None:
    return all_series.by_slug(session, primer.slug).held_reason


def test_a_hold_shown_is_done_a_minute_later_and_taken_back(store: Store, primer: Series):
    shown_at, done_at = at("2026-03-01 12:00"), at("2026-03-01 12:01")
    hold = proposing(HoldNow("a court order"))
    with store.reading() as session:
        shown = hold(session, all_series.by_slug(session, primer.slug), shown_at).diff.hash

    with store.writing() as session:
        apply(session, primer.id, hold, version=primer.version, hash=shown, actor="ada", now=done_at)
    with store.writing() as session:
        series = all_series.by_slug(session, primer.slug)
        held = series.held_at, series.held_reason
        apply_unseen(session, series, undoing(1), version=series.version, actor="ada", now=done_at)

    assert held == (done_at, "a court order")
    with store.reading() as session:
        assert held_reason(session, primer) is None
