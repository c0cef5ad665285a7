from datetime import datetime
from pathlib import Path

import pytest

from db import series as all_series
from db.engine import Store
from db.tables import Series
from tests.making import a_house, a_reader, a_series, at
from tests.sending.office import Office


def open_editions(office: Office, now: datetime, port: int) -> None:
    """Editions and letters without the releases that should have gone before."""
    office.machine = office.calendar = now
    with office.worker(port) as passes:
        passes.clockwork.open_editions(now)
        passes.send_letters(now)


def test_an_edition_waits_for_a_post_that_is_due_by_its_moment(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))

    open_editions(office, at("2026-03-02 07:00"), relay)
    waiting = office.editions()
    office.run(at("2026-03-02 07:01"), relay)

    assert waiting == []
    assert office.carried() == [["one"]]


def test_an_edition_does_not_wait_for_a_held_series(office: Office, relay: int):
    with office.store.writing() as session:
        held = a_series(session, "held")
        all_series.hold(session, held.id, reason="a test", now=at("2026-03-01 13:00"))
    office.plan("never", at("2026-03-02 05:00"), series="held")
    office.plan("one", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 07:00"), relay)

    assert office.carried() == [["one"]]


@pytest.fixture
def behind(office: Office, nobody_listens: int) -> Office:
    """Three posts were released in time, but no edition was planned for three days."""
    for day, slug in ((2, "one"), (3, "two"), (4, "three")):
        office.plan(slug, at(f"2026-03-{day:02} 06:00"))
    with office.worker(nobody_listens) as passes:
        for day in (2, 3, 4):
            passes.clockwork.release(at(f"2026-03-{day:02} 06:00"))
    return office


def test_of_missed_digests_only_the_latest_is_sent(behind: Office, relay: int):
    behind.run(at("2026-03-04 19:00"), relay)

    assert behind.editions() == ["digest:UTC:07:2026-03-04"]
    assert behind.carried() == [["one", "two", "three"]]


def test_a_digest_later_than_twelve_hours_is_left_to_the_next(behind: Office, relay: int):
    behind.run(at("2026-03-04 19:01"), relay)
    too_late = behind.editions()
    behind.run(at("2026-03-05 07:00"), relay)

    assert too_late == []
    assert behind.editions() == ["digest:UTC:07:2026-03-05"]
    assert behind.carried() == [["one", "two", "three"]]


@pytest.mark.parametrize(("hour", "letters"), [(12, [["one"]]), (19, [["one"], ["two"]])])
def test_digests_of_one_reader_are_twelve_hours_apart(office: Office, relay: int, hour: int, letters: list[list[str]]):
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("two", at("2026-03-02 09:00"))
    office.run(at("2026-03-02 07:00"), relay)
    with office.store.writing() as session:
        a_reader(session, hour=hour, now=at("2026-03-02 08:00"))

    office.run(at(f"2026-03-02 {hour}:00"), relay)
    same_day = office.carried()
    office.run(at(f"2026-03-03 {hour}:00"), relay)

    assert same_day == letters
    assert office.carried() == [["one"], ["two"]]


@pytest.fixture
def apia(store: Store, tmp_path: Path) -> Office:
    """Samoa in the week in which it had no 30 December; a reader there at 07:00."""
    now = at("2011-12-28 12:00")
    a_house(store, now=now)
    with store.writing() as session:
        a_series(session, now=now)
        a_reader(session, zone="Pacific/Apia", now=now)
    office = Office(store, tmp_path, now, now)
    office.plan("one", at("2011-12-29 16:00"))
    office.plan("two", at("2011-12-30 16:00"))
    return office


def test_a_local_date_that_does_not_exist_is_skipped(apia: Office, relay: int):
    apia.run(at("2011-12-29 17:00"), relay)
    apia.run(at("2011-12-30 17:00"), relay)

    assert apia.editions() == ["digest:Pacific/Apia:07:2011-12-29", "digest:Pacific/Apia:07:2011-12-31"]
    assert apia.carried() == [["one"], ["two"]]


def test_a_weekly_subscription_whose_weekday_does_not_exist_joins_the_next_edition(apia: Office, relay: int):
    with apia.store.writing() as session:
        a_reader(session, zone="Pacific/Apia", frequency="weekly:friday", now=at("2011-12-28 12:00"))

    apia.run(at("2011-12-29 17:00"), relay)
    apia.run(at("2011-12-30 17:00"), relay)

    assert apia.carried() == [["one", "two"]]


def test_a_morning_stays_at_seven_when_the_clocks_change(bare: Office, relay: int):
    with bare.store.writing() as session:
        a_series(session)
        a_reader(session, zone="Europe/Berlin")
    bare.plan("one", at("2026-03-29 00:00"))

    bare.run(at("2026-03-29 04:59"), relay)
    before = [key for key in bare.editions() if "03-29" in key]
    bare.run(at("2026-03-29 05:00"), relay)

    assert before == []
    assert bare.editions()[-1] == "digest:Europe/Berlin:07:2026-03-29"


def test_a_series_of_another_frequency_waits_for_its_day(office: Office, relay: int):
    with office.store.writing() as session:
        a_series(session, "slow")
        a_reader(session, series=("slow",), frequency="weekly:tuesday")
        assert session.query(Series).count() == 2
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("uno", at("2026-03-02 06:00"), series="slow")

    office.run(at("2026-03-02 07:00"), relay)
    office.run(at("2026-03-03 07:00"), relay)

    assert office.carried() == [["one"], ["uno"]]
