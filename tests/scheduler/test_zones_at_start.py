"""Digests and the clock when tzdata is upgraded."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from db import zones
from db.engine import Store
from db.errors import CopyRefused
from db.tables import DigestHour
from scheduler.zones import rederive_all
from tests.making import a_clockwork, a_house, a_reader, a_series, at, released_slugs
from tests.scheduler.upgrading import (
    BEFORE,
    MEXICO_CITY,
    SUMMER,
    UPGRADED,
    a_digest_hour,
    a_plan,
    dues,
    hours,
)


@pytest.fixture
def house(store: Store) -> Store:
    a_house(store, now=BEFORE)
    return store


def test_a_digest_stays_at_its_hour(house: Store):
    a_digest_hour(house)

    rederive_all(house, now=UPGRADED)

    assert hours(house) == [(7, date(2023, 7, 10), at("2023-07-10 13:00"), date(2023, 7, 9))]


def test_a_digest_that_moved_is_an_event_of_the_log(house: Store):
    a_digest_hour(house)

    with capture_logs() as events:
        rederive_all(house, now=UPGRADED)

    assert [(event["event"], event["zone"], event["hour"]) for event in events] == [
        ("digest moved by new zone rules", MEXICO_CITY, 7)
    ]


def test_only_the_hours_that_changed_are_written(house: Store):
    a_digest_hour(house)
    a_digest_hour(house, hour=19, next_date=date(2023, 1, 9), next_due_at=at("2023-01-10 01:00"))

    rederive_all(house, now=UPGRADED)

    assert [due for _, _, due, _ in hours(house)] == [at("2023-07-10 13:00"), at("2023-01-10 01:00")]


def test_a_digest_of_a_date_that_the_new_rules_skip_is_due_on_the_next(house: Store):
    skipped = date(2011, 12, 30)
    a_digest_hour(house, zone="Pacific/Apia", next_date=skipped, next_due_at=at("2011-12-30 18:00"), last_date=skipped)

    rederive_all(house, now=UPGRADED)

    assert hours(house) == [(7, date(2011, 12, 31), at("2011-12-30 17:00"), skipped)]


def test_a_digest_that_went_out_meanwhile_is_not_put_back(house: Store):
    a_digest_hour(house)
    with house.reading() as session:
        [seen] = zones.digest_hours(session)
    with house.writing() as session:
        session.execute(update(DigestHour).values(next_date=date(2023, 7, 11), next_due_at=at("2023-07-11 12:00")))

    with house.writing() as session:
        done = zones.move_digest_hour(session, seen, day=date(2023, 7, 10), moment=at("2023-07-10 13:00"))

    assert not done
    assert [day for _, day, _, _ in hours(house)] == [date(2023, 7, 11)]


def test_an_hour_of_an_unknown_zone_does_not_keep_the_others_from_moving(house: Store):
    a_digest_hour(house, zone="Europe/Atlantis")
    a_digest_hour(house)

    rederive_all(house, now=UPGRADED)

    assert [due for _, _, due, _ in hours(house)] == [at("2023-07-10 13:00"), at("2023-07-10 12:00")]


# The clock


def test_the_clock_sees_to_new_rules_before_it_releases_anything(house: Store, note: Path):
    a_plan(house, SUMMER)
    clockwork = a_clockwork(house, note)

    too_early = clockwork.wake(at("2023-07-10 12:00"))
    in_time = clockwork.wake(at("2023-07-10 13:00"))

    assert too_early == []
    assert [(one.slug, one.lateness_ms) for one in in_time] == [("1", 0)]
    assert released_slugs(house) == ["1"]


def test_the_clock_sees_to_new_rules_before_it_plans_a_digest(house: Store, note: Path):
    with house.writing() as session:
        a_series(session, now=BEFORE)
        a_reader(session, zone=MEXICO_CITY, now=BEFORE)
        session.query(DigestHour).delete()
    a_digest_hour(house)

    a_clockwork(house, note).open_editions(at("2023-07-10 12:00"))

    assert [due for _, _, due, _ in hours(house)] == [at("2023-07-10 13:00")]


def test_the_clock_looks_once(house: Store, note: Path):
    clockwork = a_clockwork(house, note)
    clockwork.wake(UPGRADED)
    a_plan(house, SUMMER)

    clockwork.wake(UPGRADED)

    assert dues(house) == [at("2023-07-10 12:00")]


def test_a_copy_of_a_store_moves_nothing(house: Store, note: Path):
    a_plan(house, SUMMER)
    note.write_text('{"installation": "another", "database": "another", "epoch": 1}')

    with pytest.raises(CopyRefused):
        a_clockwork(house, note).wake(UPGRADED)

    assert dues(house) == [at("2023-07-10 12:00")]
