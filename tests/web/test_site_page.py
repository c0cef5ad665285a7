from datetime import datetime

from db.states import PostState
from tests.web.asking import statements_during
from tests.web.making import Shop, a_post, a_series


def test_an_empty_site_says_so(shop: Shop):
    assert "Nothing has appeared here yet." in shop.get("/").text


def test_all_series_are_named_with_what_they_are_about(shop: Shop):
    a_series(shop, "primer", title="The Primer", summary="A walk through the book.")
    a_series(shop, "sequel", title="The Sequel")

    page = shop.get("/").text

    assert '<a href="/primer/">The Primer</a>' in page
    assert "A walk through the book." in page
    assert '<a href="/sequel/">The Sequel</a>' in page


def test_a_series_shows_its_three_newest_chapters(shop: Shop):
    series = a_series(shop)
    for day in (1, 2, 3, 4):
        a_post(shop, series, f"day-{day}", title=f"Day {day}", due=datetime(2026, 3, day, 7))

    page = shop.get("/").text

    assert "Day 1" not in page
    assert page.index("Day 4") < page.index("Day 3") < page.index("Day 2")


def test_the_series_that_released_last_comes_first(shop: Shop):
    a_post(shop, a_series(shop, "a", title="Older"), due=datetime(2026, 3, 1, 7))
    a_post(shop, a_series(shop, "b", title="Newer"), due=datetime(2026, 3, 5, 7))

    page = shop.get("/").text

    assert page.index("Newer") < page.index("Older")


def test_the_next_date_is_the_first_after_now(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series, "eight", number="8", state=PostState.planned, due=datetime(2026, 3, 9, 7))
    a_post(shop, series, "seven", number="7", state=PostState.planned, due=datetime(2026, 3, 8, 7))
    a_post(shop, series, "five", number="5", state=PostState.planned, due=datetime(2026, 3, 2, 7))

    page = shop.get("/").text

    assert "chapter 7" in page
    assert "chapter 8" not in page


def test_a_year_is_written_when_it_is_another_one(shop: Shop):
    a_post(shop, a_series(shop), due=datetime(2024, 12, 31, 7))

    assert "31 December 2024</time>" in shop.get("/").text


def test_more_series_need_no_more_queries(shop: Shop):
    a_post(shop, a_series(shop, "one"))
    few = statements_during(shop, "/")
    for number in range(10):
        a_post(shop, a_series(shop, f"more-{number}", announces=True))

    assert statements_during(shop, "/") == few
