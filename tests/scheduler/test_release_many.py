"""Many posts or many series due at one instant, released in few transactions."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from db import feed_work
from db import series as all_series
from db.engine import Store
from db.tables import EditionCut, Post, Series
from scheduler.release import AT_ONCE, SERIES_AT_ONCE, release_due
from tests.making import (
    NOON,
    RULES,
    a_house,
    a_reader,
    a_series,
    contents,
    edition_keys,
    feed_work_raised,
    feed_work_wanted,
    in_threads,
    released_slugs,
    releases_of,
)
from tests.scheduler.releasing import DUE, a_bare_post, planned

T = TypeVar("T")


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def test_two_thousand_posts_due_at_one_instant_are_all_released(store: Store, primer: Series):
    with store.writing() as session:
        session.add_all(a_bare_post(primer, number) for number in range(2000))

    done = release_due(store, now=DUE, rules=RULES)

    assert [one.seq for one in done] == list(range(1, 2001))
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Post.state == "released")) == 2000


def test_four_threads_release_each_post_once_and_in_order(store: Store, primer: Series):
    slugs = [f"chapter-{number:02}" for number in range(20)]
    planned(store, primer, *slugs)

    done = in_threads(4, lambda: release_due(store, now=DUE, rules=RULES))

    assert sorted(one.slug for some in done for one in some) == slugs
    assert released_slugs(store) == slugs
    assert [release.seq for release in releases_of(store)] == list(range(1, 21))


@pytest.fixture
def forty_more(store: Store) -> list[Series]:
    """More series than share one transaction, each with three posts due."""
    a_house(store)
    with store.writing() as session:
        made = [a_series(session, f"series-{number:03}") for number in range(SERIES_AT_ONCE + 40)]
        session.add_all(a_bare_post(one, number) for one in made for number in range(3))
    return made


def test_many_series_due_at_one_instant_are_all_released_each_with_its_own_count(
    store: Store, forty_more: list[Series]
):
    done = release_due(store, now=DUE, rules=RULES)

    expected = [(one.slug, f"chapter-{number:04}", number + 1) for one in forty_more for number in range(3)]
    assert sorted((one.series, one.slug, one.seq) for one in done) == expected
    assert {series.last_seq for series in everything(store, Series)} == {3}


def test_each_of_many_series_has_one_instant_edition_up_to_its_last_post(store: Store, forty_more: list[Series]):
    with store.writing() as session:
        a_reader(session, frequency="instant")

    release_due(store, now=DUE, rules=RULES)

    assert sorted(edition_keys(store)) == sorted(f"instant:{one.id}:3" for one in forty_more)
    cuts = everything(store, EditionCut)
    assert sorted((cut.series_id, cut.cut) for cut in cuts) == [(one.id, 3) for one in forty_more]


def test_each_of_many_series_asks_for_its_feed_once_a_transaction(store: Store, forty_more: list[Series]):
    before = feed_work_wanted(store)

    release_due(store, now=DUE, rules=RULES)

    raised = feed_work_raised(store, before)
    assert raised.pop("all") > 0
    assert raised == {feed_work.topic_of(one.id): 1 for one in forty_more}


def test_four_threads_release_many_series_once_each(store: Store, forty_more: list[Series]):
    in_threads(4, lambda: release_due(store, now=DUE, rules=RULES))

    made = [(release.series_id, release.seq) for release in releases_of(store)]
    assert made == [(one.id, seq) for one in forty_more for seq in (1, 2, 3)]


def test_a_held_series_among_many_is_left_and_the_rest_released(store: Store, forty_more: list[Series]):
    with store.writing() as session:
        all_series.hold(session, forty_more[0].id, reason="asked for", now=NOON)

    done = release_due(store, now=DUE, rules=RULES)

    assert {one.series for one in done} == {one.slug for one in forty_more[1:]}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_series_that_another_transaction_has_is_left_to_it_without_waiting(store: Store, forty_more: list[Series]):
    with store.writing() as session:
        all_series.lock(session, forty_more[0].id)
        done = release_due(store, now=DUE, rules=RULES)
    later = release_due(store, now=DUE, rules=RULES)

    assert {one.series for one in done} == {one.slug for one in forty_more[1:]}
    assert {one.series for one in later} == {forty_more[0].slug}


def test_a_release_that_fails_leaves_nothing_half_done_in_any_series(
    store: Store, forty_more: list[Series], monkeypatch: pytest.MonkeyPatch
):
    before = contents(store)
    monkeypatch.setattr("db.feed_work.want", _fail)

    with pytest.raises(RuntimeError, match="killed here"):
        release_due(store, now=DUE, rules=RULES)

    assert contents(store) == before


def _fail(*_args: object) -> None:
    raise RuntimeError("killed here")


def test_one_release_transaction_writes_at_most_five_thousand_rows():
    of_a_post = len(["post", "release"])
    of_a_series = len(["series", "feed work", "edition", "its cut"])

    assert AT_ONCE * of_a_post + SERIES_AT_ONCE * of_a_series <= 5000


def everything(store: Store, table: type[T]) -> Sequence[T]:
    with store.reading() as session:
        return session.scalars(select(table)).all()
