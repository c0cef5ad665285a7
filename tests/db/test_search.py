"""Finding words, on both databases, with the index that the migrations make."""

import pytest
from sqlalchemy import delete, select

from db import listings, search
from db.engine import Store
from db.tables import Post, Revision, Series
from scheduler.correct import withdraw
from tests.making import NOON, a_house, a_series, a_source, at, taken_in

DAY = at("2026-02-01 07:00").replace(tzinfo=None)


def told(store: Store, *sources: dict[str, object]) -> None:
    """History in the series `primer`: what has a day in the past is out at once."""
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        taken_in(session, series, [a_source(**({"wall": DAY} | one)) for one in sources])


def found(store: Store, asked: str, limit: int = 10) -> list[str]:
    with store.reading() as session:
        return [one.slug for one in listings.by_ids(session, search.matching(session, asked, limit=limit))]


@pytest.mark.parametrize("asked", ["harbour", "HARBOUR", "harb", "harbour lights", "lights, harbour!"])
def test_a_post_is_found_by_the_beginnings_of_its_words(store: Store, asked: str):
    told(store, {"slug": "rain", "body": "The *harbour* lights went out."})

    assert found(store, asked) == ["rain"]


@pytest.mark.parametrize("asked", ["", "  ", "arbour", "harbour fog", "'", '"', "*", "%", "NEAR(", "a:b & !"])
def test_what_no_post_has_is_not_found_however_it_is_written(store: Store, asked: str):
    told(store, {"slug": "rain", "body": "The harbour lights went out."})

    assert found(store, asked) == []


def test_titles_count_more_than_bodies(store: Store):
    told(
        store,
        {"slug": "one", "title": "Rain", "body": "Some harbour."},
        {"slug": "two", "title": "Harbour", "body": "Some rain."},
    )

    assert found(store, "harbour") == ["two", "one"]


def test_nothing_is_found_of_a_post_before_its_instant(store: Store):
    coming = at("2026-03-05 07:00").replace(tzinfo=None)
    told(store, {"slug": "rain", "title": "Harbour", "body": "harbour", "tags": ("harbour",), "wall": coming})

    with store.reading() as session:
        assert search.matching(session, "harbour", limit=10) == []
        assert listings.tags(session) == []
        assert listings.with_tag(session, "harbour") == []
        assert listings.map_of_posts(session, limit=10) == []


def test_nothing_is_found_of_what_was_withdrawn_or_of_a_series_that_was_retired(store: Store):
    told(store, {"slug": "rain", "body": "harbour"}, {"slug": "snow", "body": "harbour"})

    with store.writing() as session:
        series = session.scalars(select(Series)).one()
        withdraw(session, series, "rain", actor="ada", now=NOON)
    assert found(store, "harbour") == ["snow"]
    with store.writing() as session:
        session.scalars(select(Series)).one().retired_at = NOON
    assert found(store, "harbour") == []


def test_only_the_words_it_has_now_find_a_post(store: Store):
    told(store, {"slug": "rain", "body": "harbour"})

    with store.writing() as session:
        taken_in(session, session.scalars(select(Series)).one(), [a_source(slug="rain", wall=DAY, body="lighthouse")])

    assert found(store, "harbour") == []
    assert found(store, "lighthouse") == ["rain"]


def test_a_post_that_is_deleted_leaves_no_words(store: Store):
    told(store, {"slug": "rain", "body": "harbour"}, {"slug": "snow", "body": "harbour"})

    with store.writing() as session:
        gone = session.scalars(select(Post).where(Post.slug == "rain")).one()
        session.execute(delete(Revision).where(Revision.post_id == gone.id))
        session.execute(delete(Post).where(Post.id == gone.id))

    assert found(store, "harbour") == ["snow"]


def test_a_very_long_chapter_is_taken_in_and_found(store: Store):
    told(store, {"slug": "rain", "body": "harbour " + " ".join(f"w{number}" for number in range(300_000))})

    assert found(store, "harbour") == ["rain"]


def test_no_more_are_found_than_were_asked_for(store: Store):
    told(store, *({"slug": f"rain-{number}", "body": "harbour"} for number in range(5)))

    assert len(found(store, "harbour", limit=3)) == 3
