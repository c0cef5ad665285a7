from datetime import timedelta

import pytest

from db.engine import Store
from db.tables import Series
from scheduler.release import release_due
from tests.making import RULES, a_house, a_series, released_slugs, releases_of, the_post, the_series
from tests.scheduler.releasing import DUE, MICROSECOND, planned


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def test_a_post_is_not_released_before_its_instant(store: Store, primer: Series):
    planned(store, primer, "one")

    assert release_due(store, now=DUE - MICROSECOND, rules=RULES) == []
    assert the_post(store, "one").state == "planned"
    assert releases_of(store) == []


def test_a_post_is_released_at_its_instant(store: Store, primer: Series):
    planned(store, primer, "one")

    done = release_due(store, now=DUE, rules=RULES)

    assert [(one.slug, one.seq, one.lateness_ms) for one in done] == [("one", 1, 0)]
    assert the_post(store, "one").state == "released"


def test_a_post_is_released_once_when_the_clock_wakes_twice(store: Store, primer: Series):
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)
    again = release_due(store, now=DUE, rules=RULES)

    assert again == []
    assert released_slugs(store) == ["one"]


def test_seqs_have_no_gap_and_follow_the_plan(store: Store, primer: Series):
    planned(store, primer, "third", due=DUE + timedelta(hours=2))
    planned(store, primer, "first")
    planned(store, primer, "second", due=DUE + timedelta(hours=1))

    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)
    release_due(store, now=DUE + timedelta(hours=2), rules=RULES)

    assert released_slugs(store) == ["first", "second", "third"]
    assert [release.seq for release in releases_of(store)] == [1, 2, 3]
    assert the_series(store).last_seq == 3


def test_lateness_is_recorded_in_milliseconds(store: Store, primer: Series):
    planned(store, primer, "one")

    release_due(store, now=DUE + timedelta(seconds=1, milliseconds=250), rules=RULES)

    [release] = releases_of(store)
    assert release.lateness_ms == 1250
    assert release.planned_at == DUE
    assert release.released_at == DUE + timedelta(milliseconds=1250)


def test_a_draft_is_never_released(store: Store, primer: Series):
    planned(store, primer, "one", draft=True)

    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)

    assert released_slugs(store) == []
