import pytest
from sqlalchemy import select

from db import subscribers
from db.engine import Store
from db.errors import BadValue
from db.tables import DigestHour, Series, Subscriber, Subscription, Suppression
from importers.values import ImportRefused
from scheduler.readers import parse_frequency
from scheduler.release import release_due
from tests.making import NOON, RULES, TOKENS, a_house, a_planned_post, a_reader, a_series, at, contents

ALICE = "alice@example.org"


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def subscriptions(store: Store) -> list[tuple[str, str, int]]:
    """State, frequency and watermark of each."""
    with store.reading() as session:
        found = select(Subscription.state, Subscription.frequency, Subscription.watermark).order_by(Subscription.id)
        return [tuple(row) for row in session.execute(found)]


def state_of(store: Store, address: str) -> str:
    with store.reading() as session:
        return subscribers.by_address(session, address).state


def test_a_new_reader_is_active_and_follows_all_series(store: Store, primer: Series):
    with store.writing() as session:
        a_series(session, "other")
        a_reader(session)

    assert state_of(store, ALICE) == "active"
    assert subscriptions(store) == [("active", "daily", 0)] * 2


def test_an_import_never_revives_who_left(store: Store, primer: Series):
    with store.writing() as session:
        subscribers.leave(session, a_reader(session).id, now=NOON)

    with store.writing() as session:
        a_reader(session, frequency="instant")

    assert state_of(store, ALICE) == "left"
    assert subscriptions(store) == [("left", "daily", 0)]


def test_an_import_never_revives_a_series_that_a_reader_left(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session)
        session.query(Subscription).update({"state": "left", "left_at": NOON})

    with store.writing() as session:
        a_reader(session, frequency="instant")

    assert subscriptions(store) == [("left", "daily", 0)]


def test_another_spelling_of_an_address_is_the_same_reader(store: Store, primer: Series):
    with store.writing() as session:
        subscribers.leave(session, a_reader(session).id, now=NOON)

    with store.writing() as session, pytest.raises(Exception, match="No row was found"):
        a_reader(session, "Alice@Example.org")

    assert len(contents(store)["subscribers"]) == 1


def test_a_suppressed_reader_stays_suppressed(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session).state = "suppressed"

    with store.writing() as session:
        a_reader(session)

    assert state_of(store, ALICE) == "suppressed"


def test_an_address_that_is_suppressed_is_not_taken_in_even_if_unknown(store: Store, primer: Series):
    with store.writing() as session:
        session.add(Suppression(fingerprint=TOKENS.fingerprint(ALICE), reason="complaint", created_at=NOON))

    with store.writing() as session, pytest.raises(Exception, match="No row was found"):
        a_reader(session)

    assert contents(store)["subscribers"] == []


def test_a_new_subscription_starts_after_what_was_released(store: Store, primer: Series):
    with store.writing() as session:
        a_planned_post(session, primer, at("2026-03-05 07:00"))
    release_due(store, now=at("2026-03-05 07:00"), rules=RULES)

    with store.writing() as session:
        a_reader(session)

    assert subscriptions(store) == [("active", "daily", 1)]


def test_a_second_import_keeps_the_watermark_and_takes_the_new_frequency(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session)
        a_planned_post(session, primer, at("2026-03-05 07:00"))
    release_due(store, now=at("2026-03-05 07:00"), rules=RULES)

    with store.writing() as session:
        a_reader(session, frequency="weekly:friday")

    assert subscriptions(store) == [("active", "weekly", 0)]


def test_a_series_that_is_not_there_is_refused_and_nothing_is_written(store: Store, primer: Series):
    before = contents(store)

    refused = pytest.raises(ImportRefused, match=r"readers.csv, line 2: series .nowhere. is not there")
    with refused, store.writing() as session:
        a_reader(session, series=("primer", "nowhere"))

    assert contents(store) == before


def test_a_readers_hour_gets_its_digests(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, zone="Europe/Berlin", hour=8)

    with store.reading() as session:
        [hour] = session.scalars(select(DigestHour)).all()
    assert (hour.zone, hour.hour, hour.next_due_at) == ("Europe/Berlin", 8, at("2026-03-02 07:00"))


def test_readers_of_one_hour_share_it(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session)
        a_reader(session, "bob@example.org")

    assert len(contents(store)["digest_hours"]) == 1


def test_what_a_list_does_not_say_of_a_known_reader_stays(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, zone="Europe/Berlin", hour=9)

    with store.writing() as session:
        a_reader(session, zone=None, hour=None, language=None, name="")

    with store.reading() as session:
        reader = session.scalars(select(Subscriber)).one()
    assert (reader.zone, reader.hour, reader.name) == ("Europe/Berlin", 9, "Alice")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("instant", ("instant", 0)), ("Daily", ("daily", 0)), ("weekly", ("weekly", 0)), ("weekly:sunday", ("weekly", 6))],
)
def test_a_frequency_is_read(text: str, expected: tuple[str, int]):
    assert parse_frequency(text) == expected


@pytest.mark.parametrize("text", ["", "hourly", "daily:monday", "weekly:someday"])
def test_what_is_no_frequency_is_refused(text: str):
    with pytest.raises(BadValue, match="use instant, daily, or weekly"):
        parse_frequency(text)
