"""What a release sets going in its own transaction: feeds, and instant editions."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import feed_work
from db.engine import Store
from db.tables import EditionCut, Series, Subscription
from scheduler.release import release_due
from tests.making import RULES, a_house, a_reader, a_series, edition_keys, feed_work_wanted, releases_of, the_post
from tests.scheduler.releasing import DUE, planned


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def test_a_release_asks_for_the_feeds_of_its_series_and_of_all(store: Store, primer: Series):
    planned(store, primer, "one")
    before = feed_work_wanted(store)

    release_due(store, now=DUE, rules=RULES)

    wanted = feed_work_wanted(store)
    assert wanted[feed_work.topic_of(primer.id)] == before[feed_work.topic_of(primer.id)] + 1
    assert wanted["all"] == before["all"] + 1


def test_feeds_are_asked_for_in_the_same_transaction_as_the_release(
    store: Store, primer: Series, monkeypatch: pytest.MonkeyPatch
):
    planned(store, primer, "one")
    before = feed_work_wanted(store)
    monkeypatch.setattr("db.feed_work.want", _fail)

    with pytest.raises(RuntimeError, match="killed here"):
        release_due(store, now=DUE, rules=RULES)

    assert the_post(store, "one").state == "planned"
    assert releases_of(store) == []
    assert feed_work_wanted(store) == before


def _fail(*_args: object) -> None:
    raise RuntimeError("killed here")


def test_an_instant_reader_gets_one_edition_for_all_posts_released_together(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
    planned(store, primer, "one", "two", "three")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == [f"instant:{primer.id}:3"]
    with store.reading() as session:
        assert session.scalars(select(EditionCut.cut)).all() == [3]


def test_each_release_transaction_has_an_instant_edition_of_its_own(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
    planned(store, primer, "one")
    planned(store, primer, "two", due=DUE + timedelta(hours=1))

    release_due(store, now=DUE, rules=RULES)
    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)

    assert edition_keys(store) == [f"instant:{primer.id}:1", f"instant:{primer.id}:2"]


def test_without_an_instant_reader_there_is_no_instant_edition(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="daily")
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == []


def test_an_instant_reader_who_left_sets_nothing_going(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
        session.query(Subscription).update({"state": "left"})
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == []
