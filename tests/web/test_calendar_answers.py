"""How calendars are served and found."""

from pathlib import Path

import pytest

from db.engine import Store
from tests.making import a_house
from tests.web.asking import statements_during
from tests.web.calendars import ADDRESSES, events, lines
from tests.web.making import Shop, a_post, a_series
from text.addresses import RESERVED_SERIES_SLUGS, check_slug


@pytest.fixture
def shop(tmp_path: Path, store: Store) -> Shop:
    a_house(store)
    return Shop(tmp_path, store)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_calendar_says_what_it_is(shop: Shop, address: str):
    a_post(shop, a_series(shop))

    answer = shop.get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    assert b"METHOD" not in answer.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_the_calendar_gets_304_until_something_changes(shop: Shop, address: str):
    series = a_series(shop)
    a_post(shop, series, "rain")
    tag = shop.get(address).headers["etag"]

    known = shop.get(address, if_none_match=tag)
    a_post(shop, series, "sun")
    changed = shop.get(address, if_none_match=tag)

    assert (known.status_code, known.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_calendar_answers_head_and_takes_no_post(shop: Shop, address: str):
    a_series(shop)

    assert shop.ask("HEAD", address).status_code == 200
    assert shop.ask("HEAD", address).content == b""
    assert shop.ask("POST", address).status_code == 405


@pytest.mark.parametrize("address", ["/nowhere/schedule.ics", "/%00/schedule.ics", "/%2E%2E/schedule.ics"])
def test_a_series_that_is_not_there_has_no_calendar(shop: Shop, address: str):
    assert shop.get(address).status_code == 404


def test_before_its_first_post_a_series_has_an_empty_calendar(shop: Shop):
    a_series(shop, title="The Primer")

    assert events(shop) == []
    assert "X-WR-CALNAME:The Primer" in lines(shop)
    assert "X-WR-CALNAME:My serials" in lines(shop, "/schedule.ics")


def test_more_posts_need_no_more_queries(shop: Shop):
    series = a_series(shop, announces=True)
    few = statements_during(shop, "/primer/schedule.ics")
    for number in range(10):
        a_post(shop, series, f"chapter-{number}")

    assert statements_during(shop, "/primer/schedule.ics") == few == 4


def test_no_series_can_shadow_the_calendar():
    assert "reserved" in (check_slug("schedule.ics", RESERVED_SERIES_SLUGS) or "")


def test_the_calendar_is_offered_to_people_and_to_programs(shop: Shop):
    a_series(shop)

    page = shop.get("/primer/").text

    link = (
        '<link rel="alternate" type="text/calendar" title="The Primer" href="https://example.org/primer/schedule.ics">'
    )
    assert link in page
    assert '<a href="/primer/schedule.ics">Calendar</a>' in page


def test_below_a_sub_path_the_calendar_and_its_links_are_there_too(shop: Shop):
    shop.url = "https://example.org/blog"
    a_post(shop, a_series(shop), "rain")

    (found,) = events(shop, "/blog/primer/schedule.ics")

    assert str(found["URL"]) == "https://example.org/blog/primer/rain/"
