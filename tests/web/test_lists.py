"""Tags, months, search and the map of the site: what is out, and nothing of what is not."""

from datetime import datetime

import pytest
from lxml import etree

from db.states import PostState
from tests.web.making import Shop, a_post, a_series

LISTS = ["/", "/primer/", "/tag/", "/tag/fog/", "/archive/", "/archive/2026-03/", "/search?q=secret", "/sitemap.xml"]


def test_a_tag_lists_what_has_it_over_all_series(shop: Shop):
    a_post(shop, a_series(shop), "rain", title="Rain", tags=["Bad weather"], due=datetime(2026, 3, 4, 7))
    a_post(shop, a_series(shop, "sequel"), "snow", title="Snow", tags=["bad weather"], due=datetime(2026, 3, 5, 7))
    a_post(shop, a_series(shop, "third"), "sun", title="Sun")

    page = shop.get("/tag/bad-weather/").text

    assert page.index("/sequel/snow/") < page.index("/primer/rain/")
    assert "Sun" not in page
    assert 'href="https://example.org/tag/bad-weather/feed.atom"' in page


def test_a_chapter_leads_to_its_tags(shop: Shop):
    a_post(shop, a_series(shop), tags=["Fog"])

    page = shop.get("/primer/rain/").text

    assert '<a rel="tag" href="/tag/fog/">Fog</a>' in page
    assert '<meta property="article:tag" content="Fog">' in page


def test_the_page_of_all_tags_counts_them(shop: Shop):
    series = a_series(shop)
    a_post(shop, series, "rain", tags=["Fog", "Zinc"])
    a_post(shop, series, "snow", tags=["Fog"])

    page = shop.get("/tag/").text

    assert 'Fog</a> <span class="number">2</span>' in page
    assert page.index("Fog") < page.index("Zinc")


def test_months_are_those_of_the_zone_of_the_site(shop: Shop):
    series = a_series(shop)
    # In UTC it is still February then.
    a_post(shop, series, "rain", title="Rain", due=datetime(2026, 3, 1, 0, 30))
    a_post(shop, series, "snow", title="Snow", due=datetime(2026, 2, 28, 23, 30))

    assert '<a href="/archive/2026-03/">March 2026</a> <span class="number">1 chapter' in shop.get("/archive/").text
    assert "Rain" in shop.get("/archive/2026-03/").text
    assert "Snow" not in shop.get("/archive/2026-03/").text


@pytest.mark.parametrize(
    "month", ["2026-04", "2026-13", "2026-3", "26-03", "march", "0001-01", "9999-12", "2026-03-01"]
)
def test_a_month_without_chapters_is_not_there(shop: Shop, month: str):
    a_post(shop, a_series(shop))

    assert shop.get(f"/archive/{month}/").status_code == 404


def test_words_find_chapters(shop: Shop):
    a_post(shop, a_series(shop), "rain", title="Rain", body="The harbour was grey.")

    page = shop.get("/search?q=grey+harbour").text

    assert '<a href="/primer/rain/">Rain</a>' in page
    assert 'value="grey harbour"' in page


def test_what_is_looked_for_is_text_and_never_markup(shop: Shop):
    answer = shop.get('/search?q="><script>alert(1)</script>')

    assert "<script" not in answer.text
    assert "No chapter has all of" in answer.text


@pytest.mark.parametrize("asked", ["%00", "%ff", "a" * 5000, "'; DROP TABLE posts", "%F0%9F%98%80"])
def test_whatever_is_looked_for_gets_an_answer(shop: Shop, asked: str):
    assert shop.get(f"/search?q={asked}").status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_nothing_of_a_planned_chapter_is_in_any_list(shop: Shop, address: str):
    series = a_series(shop, announces=True)
    a_post(
        shop, series, "unseen", title="Secret", body="secret", summary="Secret", tags=["Fog"], state=PostState.planned
    )

    answer = shop.get(address)

    assert "Secret" not in answer.text
    assert "unseen" not in answer.text
    assert "fog" not in answer.text.lower()


def test_a_tag_of_planned_chapters_and_one_that_nobody_wrote_look_the_same(shop: Shop):
    a_post(shop, a_series(shop), tags=["Fog"], state=PostState.planned)

    planned, unknown = shop.get("/tag/fog/"), shop.get("/tag/nothing/")

    assert planned.status_code == unknown.status_code == 404
    assert planned.text == unknown.text


def test_chapters_of_a_retired_series_are_in_no_list(shop: Shop):
    a_post(shop, a_series(shop, retired_at=datetime.fromisoformat("2026-03-06T00:00Z")), title="Rain", body="secret")

    assert "Rain" not in shop.get("/search?q=secret").text
    assert "rain" not in shop.get("/sitemap.xml").text


def test_the_map_names_every_page_with_its_last_change(shop: Shop):
    a_post(shop, a_series(shop), tags=["Fog"], due=datetime(2026, 3, 7, 7))

    tree = etree.fromstring(shop.get("/sitemap.xml").content)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    addresses = [found.text for found in tree.iterfind(".//s:loc", space)]

    assert addresses == [
        "https://example.org/",
        "https://example.org/primer/",
        "https://example.org/primer/rain/",
        "https://example.org/tag/fog/",
    ]
    assert {found.text for found in tree.iterfind(".//s:lastmod", space)} == {"2026-03-07T05:00:00+00:00"}


def test_programs_are_told_where_the_map_is_and_what_is_not_for_them(shop: Shop):
    shop.url = "https://example.org/blog"

    text = shop.get("/blog/robots.txt").text

    assert "Sitemap: https://example.org/blog/sitemap.xml\n" in text
    assert "Disallow: /blog/operator/\n" in text


@pytest.mark.parametrize("address", ["/", "/primer/", "/primer/rain/", "/tag/fog/", "/archive/", "/search?q=rain"])
def test_who_has_a_page_already_is_told_so(shop: Shop, address: str):
    a_post(shop, a_series(shop), tags=["Fog"])
    first = shop.get(address)

    again = shop.get(address, if_none_match=first.headers["etag"])
    a_post(shop, a_series(shop, "sequel"), "snow", title="Rain again", tags=["Fog"])

    assert (again.status_code, again.content) == (304, b"")
    assert shop.get(address.replace("primer/rain", "sequel/snow"), if_none_match=first.headers["etag"]).status_code == (
        304 if address == "/primer/" else 200
    )


def test_a_picture_of_the_chapter_stands_for_it_elsewhere(shop: Shop):
    a_post(shop, a_series(shop), body="![](b.svg) ![](a.png)", images={"a.png": b"a", "b.svg": b"b"})

    page = shop.get("/primer/rain/").text

    assert '<meta property="og:image" content="https://example.org/media/61/a.png">' in page
