from datetime import datetime

from db.states import PostState
from tests.web.making import Shop, a_post, a_series


def test_a_released_post_shows_its_words(shop: Shop):
    a_post(shop, a_series(shop), title="Rain", body="It *rained*.", number="3")

    answer = shop.get("/primer/rain/")

    assert answer.status_code == 200
    assert "<h1>Rain</h1>" in answer.text
    assert "It <em>rained</em>." in answer.text
    assert "Chapter 3" in answer.text


def test_a_page_names_its_own_address_and_its_feed(shop: Shop):
    a_post(shop, a_series(shop), title="Rain")

    page = shop.get("/primer/rain/").text

    assert '<link rel="canonical" href="https://example.org/primer/rain/">' in page
    assert '<meta property="og:title" content="Rain">' in page
    assert 'href="https://example.org/primer/feed.atom"' in page


def test_a_withdrawn_post_is_gone(shop: Shop):
    a_post(shop, a_series(shop), title="Rain", body="It rained.", state=PostState.withdrawn)

    answer = shop.get("/primer/rain/")

    assert answer.status_code == 410
    assert "Withdrawn" in answer.text
    assert "rained" not in answer.text


def test_before_and_after_follow_the_order_of_release(shop: Shop):
    series = a_series(shop)
    a_post(shop, series, "one", title="One", position=9)
    a_post(shop, series, "two", title="Two", position=5)
    a_post(shop, series, "gone", state=PostState.withdrawn)
    a_post(shop, series, "three", title="Three", position=1)

    page = shop.get("/primer/two/").text

    assert 'rel="prev" href="/primer/one/"' in page
    assert 'rel="next" href="/primer/three/"' in page


def test_the_last_chapter_tells_when_the_next_one_comes(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series)
    a_post(shop, series, "next", state=PostState.planned, number="5", due=datetime(2026, 3, 7, 7))

    page = shop.get("/primer/rain/").text

    assert "Saturday 7 March at 07:00" in page
    assert 'rel="next"' not in page


def test_posts_of_another_series_are_not_neighbours(shop: Shop):
    a_post(shop, a_series(shop, "other"), "elsewhere")
    a_post(shop, a_series(shop))

    assert "elsewhere" not in shop.get("/primer/rain/").text


def test_a_post_is_found_only_under_its_own_series(shop: Shop):
    a_post(shop, a_series(shop))
    a_series(shop, "other")

    assert shop.get("/other/rain/").status_code == 404


def test_an_image_of_the_text_is_shown_from_its_public_address(shop: Shop):
    a_post(shop, a_series(shop), body="![A cloud](img/cloud.png)", images={"img/cloud.png": b"cloud"})

    page = shop.get("/primer/rain/").text
    address = page.split('<img src="https://example.org')[1].split('"')[0]

    assert shop.get(address).content == b"cloud"


def test_raw_html_of_an_author_runs_no_script(shop: Shop):
    a_post(shop, a_series(shop), body="<script>alert(1)</script><p onclick='alert(1)'>x</p>")

    page = shop.get("/primer/rain/").text

    assert "<script" not in page
    assert "onclick" not in page


def test_words_carry_the_language_of_their_series(shop: Shop):
    a_post(shop, a_series(shop, language="lv"))

    page = shop.get("/primer/rain/").text

    assert '<html lang="en" dir="ltr">' in page
    assert '<article lang="lv">' in page


def test_the_words_around_a_chapter_are_those_of_its_series_whoever_asks(shop: Shop):
    series = a_series(shop, language="de")
    a_post(shop, series, number="1")
    a_post(shop, series, "sun", number="2", due=datetime(2026, 3, 6, 7))

    german, english = (shop.get("/primer/rain/", accept_language=asked) for asked in ("de", "en"))

    assert '<html lang="de" dir="ltr">' in german.text
    assert "Kapitel 1" in german.text
    assert "Nächstes →" in german.text
    assert (german.content, german.headers["etag"]) == (english.content, english.headers["etag"])
    assert "vary" not in german.headers
