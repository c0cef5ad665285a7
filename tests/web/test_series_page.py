from datetime import datetime

from db.states import PostState
from tests.web.asking import statements_during
from tests.web.making import Shop, a_post, a_series


def test_chapters_stand_in_the_order_of_the_plan_whenever_they_were_released(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series, "third", title="Third", position=3)
    a_post(shop, series, "coming", state=PostState.planned, number="2", position=2, due=datetime(2026, 3, 7, 7))
    a_post(shop, series, "first", title="First", position=1)

    page = shop.get("/primer/").text

    assert page.index("First</a>") < page.index("Chapter 2") < page.index("Third</a>")


def test_a_chapter_has_number_title_summary_and_local_date(shop: Shop):
    series = a_series(shop)
    a_post(shop, series, title="Rain", summary="It rains.", number="1.10", due=datetime(2026, 3, 5, 0, 30))

    page = shop.get("/primer/").text

    assert '<span class="number">1.10</span>' in page
    assert '<a href="/primer/rain/">Rain</a>' in page
    assert "It rains." in page
    assert "5 March</time>" in page


def test_a_withdrawn_chapter_is_not_listed(shop: Shop):
    series = a_series(shop)
    a_post(shop, series, title="Rain", state=PostState.withdrawn)

    assert "Rain" not in shop.get("/primer/").text


def test_the_feed_is_offered_to_people_and_to_programs(shop: Shop):
    a_series(shop)

    page = shop.get("/primer/").text

    assert '<link rel="alternate" type="application/atom+xml" title="The Primer" href="https://example.org' in page
    assert '<a href="/primer/feed.atom">Atom feed</a>' in page


def test_titles_are_text_and_never_markup(shop: Shop):
    evil = '"><script>alert(1)</script>'
    series = a_series(shop, title=evil, subtitle=evil, summary=evil)
    a_post(shop, series, title=evil, summary=evil)

    for address in ("/", "/primer/", "/primer/rain/"):
        page = shop.get(address).text
        assert "<script>" not in page
        assert "&#34;&gt;&lt;script&gt;" in page


def test_a_series_that_is_not_there_is_a_designed_404(shop: Shop):
    answer = shop.get("/nowhere/")

    assert answer.status_code == 404
    assert "<h1>Nothing here</h1>" in answer.text
    assert "nowhere" not in answer.text


def test_the_address_without_its_slash_leads_to_the_one_with_it(shop: Shop):
    answer = shop.get("/primer")

    assert answer.status_code == 308
    assert answer.headers["location"] == "https://example.org/primer/"


def test_the_redirect_leads_nowhere_else(shop: Shop):
    answer = shop.get("/%2F%2Fevil.example")

    assert answer.headers.get("location", "https://example.org/").startswith("https://example.org/")


def test_more_chapters_need_no_more_queries(shop: Shop):
    series = a_series(shop, announces=True)
    few = statements_during(shop, "/primer/")
    for number in range(10):
        a_post(shop, series, f"chapter-{number}")

    assert statements_during(shop, "/primer/") == few == 3
