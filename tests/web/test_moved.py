"""Former addresses lead on, what was taken back is gone, and neither tells of what is planned."""

from datetime import datetime

import pytest

from db import series as all_series
from db.states import PostState
from scheduler import correct
from tests.web.making import NOW, Shop, a_post, a_series

LATER = datetime(2026, 4, 1, 7)


@pytest.fixture
def primer(shop: Shop) -> Shop:
    """A series with a chapter that is out and one that is planned."""
    series = a_series(shop)
    a_post(shop, series, "rain")
    a_post(shop, series, "snow", state=PostState.planned, due=LATER)
    return shop


def do(shop: Shop, what, *words: str, slug: str = "primer") -> None:
    with shop.store.writing() as session:
        what(session, all_series.by_slug(session, slug), *words, actor="alice", now=NOW)


def led(shop: Shop, path: str) -> tuple[int, str | None]:
    answer = shop.get(path)
    return answer.status_code, answer.headers.get("location")


def test_a_renamed_post_leads_on(primer: Shop):
    do(primer, correct.rename_post, "rain", "drizzle")

    assert led(primer, "/primer/rain/") == (301, "https://example.org/primer/drizzle/")
    assert primer.get("/primer/drizzle/").status_code == 200


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/primer/", "/reader/"),
        ("/primer/rain/", "/reader/rain/"),
        ("/primer/feed.atom", "/reader/feed.atom"),
        ("/primer/feed.json", "/reader/feed.json"),
        ("/primer/archive/1/2.atom", "/reader/archive/1/2.atom"),
        ("/primer/schedule.ics", "/reader/schedule.ics"),
    ],
)
def test_every_address_of_a_renamed_series_leads_on(primer: Shop, path: str, target: str):
    do(primer, correct.rename_series, "reader")

    assert led(primer, path) == (301, f"https://example.org{target}")


def test_a_series_that_was_renamed_twice_leads_on_from_both_names(primer: Shop):
    do(primer, correct.rename_series, "reader")
    do(primer, correct.rename_series, "book", slug="reader")

    assert (
        led(primer, "/primer/feed.atom")
        == led(primer, "/reader/feed.atom")
        == (301, "https://example.org/book/feed.atom")
    )


def test_a_renamed_series_does_not_tell_what_is_planned_in_it(primer: Shop):
    do(primer, correct.rename_series, "reader")

    planned, none_at_all = led(primer, "/primer/snow/"), led(primer, "/primer/hail/")

    assert (planned[0], none_at_all[0]) == (301, 301)
    assert primer.get("/reader/snow/").status_code == primer.get("/reader/hail/").status_code == 404


def test_a_planned_post_that_was_renamed_is_not_there(primer: Shop):
    do(primer, correct.rename_post, "snow", "sleet")

    assert led(primer, "/primer/snow/")[0] == led(primer, "/primer/sleet/")[0] == 404


def test_the_former_slug_of_a_withdrawn_post_is_gone(primer: Shop):
    do(primer, correct.rename_post, "rain", "drizzle")
    do(primer, correct.withdraw, "drizzle")

    assert led(primer, "/primer/rain/")[0] == led(primer, "/primer/drizzle/")[0] == 410


@pytest.mark.parametrize(
    "path", ["/primer/", "/primer/rain/", "/primer/feed.atom", "/primer/schedule.ics", "/primer/x/"]
)
def test_all_of_a_retired_series_is_gone(primer: Shop, path: str):
    do(primer, correct.retire)

    assert led(primer, path)[0] == 410


def test_a_retired_series_is_not_named_on_the_first_page(primer: Shop):
    do(primer, correct.retire)

    assert "The Primer" not in primer.get("/").text


def test_a_series_that_was_retired_under_another_name_is_gone_there_too(primer: Shop):
    do(primer, correct.rename_series, "reader")
    do(primer, correct.retire, slug="reader")

    assert led(primer, "/primer/feed.atom")[0] == 410


def test_archives_of_a_former_generation_are_gone(primer: Shop):
    with primer.store.writing() as session:
        all_series.by_slug(session, "primer").generation = 3

    assert [led(primer, f"/primer/archive/{number}/1.atom")[0] for number in (1, 2, 3)] == [410, 410, 404]


def test_what_never_was_is_not_there(primer: Shop):
    assert [led(primer, path)[0] for path in ("/nothing/", "/nothing/feed.atom", "/tag/nothing/feed.atom")] == [404] * 3


def test_a_former_address_may_be_kept_for_an_hour(primer: Shop):
    do(primer, correct.rename_post, "rain", "drizzle")

    assert primer.get("/primer/rain/").headers["cache-control"] == "public, max-age=3600"
