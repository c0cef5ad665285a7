"""What waits for an operator is told by a letter, once."""

from pathlib import Path

import pytest
from sqlalchemy import select

from db import series as all_series
from db.engine import Store
from db.tables import Delivery
from scheduler.alerts import Alarm
from scheduler.passes import Clockwork
from tests.making import NOON, RULES, a_house, a_house_of_letters, a_note, a_planned_post, a_series, at


@pytest.fixture
def alarm(store: Store) -> Alarm:
    a_house(store)
    with store.writing() as session:
        a_series(session, title="The Harbour <b>")
    return Alarm(store, a_house_of_letters(), "olga@example.org", "en", lambda: NOON)


def hold(store: Store, *, now=NOON) -> None:
    with store.writing() as session:
        row = all_series.by_slug(session, "primer")
        all_series.hold(session, row.id, reason="Chapter 11 was due 30 hours ago", now=now)


def letters(store: Store) -> list[Delivery]:
    with store.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_a_series_that_is_held_is_told_once(alarm: Alarm):
    hold(alarm.store)

    rung = [alarm.ring(), alarm.ring()]

    assert rung == [True, False]
    assert [(one.address, one.purpose, one.subscriber_id) for one in letters(alarm.store)] == [
        ("olga@example.org", "operator-alert", None)
    ]


def test_held_again_it_is_told_again(alarm: Alarm):
    hold(alarm.store)
    alarm.ring()
    hold(alarm.store, now=at("2026-03-05 12:00"))

    alarm.ring()

    assert len(letters(alarm.store)) == 2


def test_nothing_waits_and_nothing_is_told(alarm: Alarm):
    assert not alarm.ring()
    assert letters(alarm.store) == []


def test_the_clock_tells_of_a_post_that_was_missed_for_too_long(alarm: Alarm, tmp_path: Path):
    with alarm.store.writing() as session:
        a_planned_post(session, all_series.by_slug(session, "primer"), at("2026-03-02 07:00"))
    clockwork = Clockwork(alarm.store, a_note(tmp_path), RULES, alarm)

    clockwork.wake(at("2026-03-05 07:00"))
    clockwork.wake(at("2026-03-05 08:00"))

    assert len(letters(alarm.store)) == 1
