"""Correcting what is out: ids and seqs stay, and everybody is told."""

from datetime import timedelta

import pytest

from db import moves, plans, posts
from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.tables import Series
from scheduler import correct
from scheduler.intake import NewSeries, take_in
from scheduler.release import release_due
from tests.making import (
    NOON,
    RULES,
    a_house,
    a_planned_post,
    a_series,
    a_source,
    feed_work_wanted,
    released_slugs,
    taken_in,
    the_post,
    the_series,
)

DUE = NOON + timedelta(hours=1)
LATER = NOON + timedelta(hours=5)


@pytest.fixture
def primer(store: Store) -> Series:
    """Two chapters that are out and one that is planned."""
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        a_planned_post(session, series, DUE, slug="one", tags=("Rain", "Wind"))
        a_planned_post(session, series, DUE + timedelta(hours=1), slug="two")
        a_planned_post(session, series, DUE + timedelta(days=9), slug="three")
    release_due(store, now=LATER, rules=RULES)
    return series


def do(store: Store, what, *words: str, now=LATER) -> None:
    with store.writing() as session:
        what(session, all_series.find(session, "primer"), *words, actor="alice", now=now)


def wanted_since(store: Store, before: dict[str, int]) -> set[str]:
    return {topic for topic, wanted in feed_work_wanted(store).items() if wanted > before.get(topic, 0)}


def test_a_withdrawn_post_keeps_its_seq_and_its_feeds_are_written_anew(store: Store, primer: Series):
    before = feed_work_wanted(store)

    do(store, correct.withdraw, "one")

    post = the_post(store, "one")
    assert (post.state, post.seq, post.withdrawn_at) == ("withdrawn", 1, LATER)
    assert wanted_since(store, before) == {f"series:{primer.id}", "all", "tag:rain", "tag:wind"}


def test_a_restored_post_has_its_old_seq(store: Store, primer: Series):
    do(store, correct.withdraw, "one")
    do(store, correct.restore, "one")

    post = the_post(store, "one")
    assert (post.state, post.seq, post.withdrawn_at) == ("released", 1, None)


def test_the_release_of_a_tagged_post_renews_the_feeds_of_its_tags(store: Store, primer: Series):
    assert {"tag:rain", "tag:wind"} <= set(feed_work_wanted(store))


def test_a_renamed_post_is_found_under_its_old_slug(store: Store, primer: Series):
    before = the_post(store, "one").entry_id

    do(store, correct.rename_post, "one", "first")

    with store.reading() as session:
        found = moves.post_once(session, primer.id, "one")
    assert found is not None
    assert (found.slug, found.entry_id) == ("first", before)


def test_a_post_that_gets_its_old_slug_back_leads_nowhere_else(store: Store, primer: Series):
    do(store, correct.rename_post, "one", "first")
    do(store, correct.rename_post, "first", "one")

    with store.reading() as session:
        assert moves.post_once(session, primer.id, "one") is None
        found = moves.post_once(session, primer.id, "first")
    assert found is not None
    assert found.slug == "one"


def test_a_post_that_was_never_out_leaves_no_trace_of_its_old_slug(store: Store, primer: Series):
    do(store, correct.rename_post, "three", "third")

    with store.reading() as session:
        assert moves.post_once(session, primer.id, "three") is None


def test_a_renamed_series_is_found_under_its_old_slug(store: Store, primer: Series):
    before = feed_work_wanted(store)

    do(store, correct.rename_series, "reader")

    with store.reading() as session:
        found = moves.series_once(session, "primer")
    assert found is not None
    assert (found.slug, found.entry_id) == ("reader", primer.entry_id)
    assert {"gone:primer", f"series:{primer.id}", "all", "opml"} <= wanted_since(store, before)


def test_a_correction_in_an_archive_asks_for_a_new_generation(store: Store, primer: Series):
    with store.writing() as session:
        all_series.lock(session, primer.id).archived_seq = 1

    do(store, correct.withdraw, "one")

    assert (the_series(store).generation, the_series(store).archived_seq) == (2, 0)


def test_a_correction_outside_the_archives_leaves_them(store: Store, primer: Series):
    with store.writing() as session:
        all_series.lock(session, primer.id).archived_seq = 1

    do(store, correct.withdraw, "two")

    assert (the_series(store).generation, the_series(store).archived_seq) == (1, 1)


def test_a_series_ends_once_all_of_it_is_out(store: Store, primer: Series):
    with pytest.raises(BadValue, match="has planned posts still"):
        do(store, correct.end)
    release_due(store, now=DUE + timedelta(days=9), rules=RULES)

    do(store, correct.end, now=DUE + timedelta(days=10))

    assert the_series(store).ended_at == DUE + timedelta(days=10)


def test_nothing_of_a_retired_series_comes_out_and_it_can_come_back(store: Store, primer: Series):
    do(store, correct.retire)
    release_due(store, now=DUE + timedelta(days=9), rules=RULES)
    retired = released_slugs(store), the_post(store, "one").state

    do(store, correct.reopen)

    assert retired == (["one", "two"], "withdrawn")
    assert [the_post(store, slug).state for slug in ("one", "two", "three")] == ["released", "released", "draft"]


def test_a_post_withdrawn_before_its_series_was_retired_stays_withdrawn_when_that_comes_back(
    store: Store, primer: Series
):
    do(store, correct.withdraw, "one", now=LATER - timedelta(minutes=1))
    do(store, correct.retire)
    do(store, correct.reopen)

    assert the_post(store, "one").state == "withdrawn"


def test_a_retired_series_takes_no_import(store: Store, primer: Series):
    do(store, correct.retire)

    with store.writing() as session, pytest.raises(BadValue, match="is retired"):
        taken_in(session, all_series.lock(session, primer.id), [a_source(slug="four")])


def test_a_minor_correction_is_no_news(store: Store, primer: Series):
    with store.writing() as session:
        sources = [a_source(slug="one", body="A typo less.", tags=("Rain", "Wind"))]
        defaults = NewSeries("UTC", "en")
        take_in(session, sources, slug="primer", defaults=defaults, now=LATER, minor=True)

    with store.reading() as session:
        assert posts.by_slug(session, primer, "one").words.significant is False


def test_a_tag_that_a_correction_takes_away_has_its_feed_renewed(store: Store, primer: Series):
    before = feed_work_wanted(store)

    with store.writing() as session:
        taken_in(session, all_series.lock(session, primer.id), [a_source(slug="one", tags=("Rain",))], now=LATER)

    assert {"tag:rain", "tag:wind"} <= wanted_since(store, before)


@pytest.mark.parametrize(
    ("what", "words", "why"),
    [
        (correct.withdraw, ("three",), "three is planned, not out; `fascicle plan remove`"),
        (correct.restore, ("one",), "only what was withdrawn can be restored"),
        (correct.rename_post, ("one", "two"), "primer has a post 'two' already"),
        (correct.rename_post, ("one", "feed.atom"), "is reserved"),
        (correct.rename_series, ("Feeds",), "has a character that an address cannot carry"),
        (correct.rename_series, ("feeds",), "is reserved"),
        (correct.rename_series, ("primer",), "is there already"),
        (correct.reopen, (), "has neither ended nor is it retired"),
    ],
)
def test_what_cannot_be_is_refused(store: Store, primer: Series, what, words: tuple[str, ...], why: str):
    with pytest.raises(BadValue, match=why):
        do(store, what, *words)


def test_every_correction_is_on_record(store: Store, primer: Series):
    do(store, correct.withdraw, "one")

    with store.reading() as session:
        record = plans.history(session, primer.id)[-1]
    assert (record.actor, record.detail["words"]) == ("alice", "withdraw one")
