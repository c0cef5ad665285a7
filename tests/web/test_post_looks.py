"""How a post looks before readers see it: as its page, its feed entry and its letter, in frames where nothing runs."""

from datetime import datetime

import pytest

from db import installation
from db.states import PostState, Role, StoreKind
from tests.web.making import NOW, Shop, a_post, a_series
from tests.web.staff import a_browser_of

LATER = datetime(2026, 4, 1, 7)
BODY = "Words of *rain*. <script>alert(1)</script>\n\n![The sea](sea.png)\n\n`(prefers-color-scheme: dark)`"
FRAMES = ["page", "entry", "letter"]


@pytest.fixture
def fog(shop: Shop) -> Shop:
    """A chapter that is out, and after it one that waits, with a picture."""
    with shop.store.writing() as session:
        installation.create(session, database="x", kind=StoreKind.live, domain="example.org", now=NOW)
    series = a_series(shop)
    a_post(shop, series, "rain", title="Rain")
    a_post(shop, series, "fog", title="Fog", state=PostState.planned, due=LATER, body=BODY, images={"sea.png": b"\x01"})
    a_post(shop, series, "ice", title="Ice", state=PostState.draft, body=BODY)
    return shop


@pytest.mark.parametrize("slug", ["rain", "fog", "ice"])
@pytest.mark.parametrize("view", [*FRAMES, "atom", "rss", "json", "text", "source"])
def test_vera_may_look_at_each_post_as_everything_it_becomes(fog: Shop, slug: str, view: str):
    vera = a_browser_of(fog, Role.viewer)

    page = vera.get(f"/operator/posts/primer/{slug}/look/?view={view}").text

    assert 'sandbox="allow-same-origin"' in page if view in FRAMES else '<pre class="raw"' in page


@pytest.mark.parametrize("view", FRAMES)
def test_a_frame_shows_what_is_not_public_to_operators_alone_and_runs_nothing(fog: Shop, view: str):
    vera = a_browser_of(fog, Role.viewer)

    answer = vera.get(f"/operator/posts/primer/fog/frame/{view}")

    policy = answer.headers["content-security-policy"]
    assert "Words of <em>rain</em>" in answer.text
    assert "alert(1)" not in answer.text
    assert 'src="/operator/posts/-/media/01/sea.png"' in answer.text
    assert "sandbox allow-same-origin; default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cache-control"] == "no-store"
    assert fog.get("/primer/fog/").status_code == 404


def test_the_page_of_what_is_out_is_the_page_that_readers_get(fog: Shop):
    vera = a_browser_of(fog, Role.viewer)

    shown = vera.get("/operator/posts/primer/rain/frame/page").text
    public = fog.get("/primer/rain/").text

    assert shown.split("<body>")[1] == public.split("<body>")[1]


def test_the_page_of_what_waits_says_its_day_and_follows_what_is_out(fog: Shop):
    page = a_browser_of(fog, Role.viewer).get("/operator/posts/primer/fog/frame/page").text

    assert "1 April" in page
    assert '<a class="previous" rel="prev" href="/primer/rain/">' in page


@pytest.mark.parametrize("view", FRAMES)
def test_light_and_dark_are_shown_whatever_the_browser_prefers_and_the_words_stay(fog: Shop, view: str):
    vera = a_browser_of(fog, Role.viewer)

    html = vera.get(f"/operator/posts/primer/fog/frame/{view}?scheme=dark").text
    style = vera.get("/operator/posts/-/style/dark.css").text
    light = vera.get("/operator/posts/-/style/light.css").text

    assert html.split("<body")[1].count("prefers-color-scheme: dark") == 1
    assert "color-scheme: dark" in style
    assert "@media (min-width: 0)" in style
    assert "@media (max-width: 0)" in light


def test_the_source_of_the_letter_is_a_message_to_whoever_looks(fog: Shop):
    page = a_browser_of(fog, Role.viewer).get("/operator/posts/primer/fog/look/?view=source").text

    assert "To: viewer@example.org" in page
    assert "Content-Type: multipart/alternative" in page


@pytest.mark.parametrize("asked", ["view=nothing&width=9&scheme=pink", "view=%00"])
def test_what_there_is_not_is_the_page_in_the_light(fog: Shop, asked: str):
    page = a_browser_of(fog, Role.viewer).get(f"/operator/posts/primer/fog/look/?{asked}").text

    assert 'src="/operator/posts/primer/fog/frame/page?scheme=light"' in page


def test_there_is_no_frame_for_what_is_text(fog: Shop):
    vera = a_browser_of(fog, Role.viewer)

    assert vera.get("/operator/posts/primer/fog/frame/atom").status_code == 404
    assert vera.get("/operator/posts/-/style/pink.css").status_code == 404
