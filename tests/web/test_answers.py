"""What holds for every answer: headers, HEAD, sub-paths, errors."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from db.errors import CalendarRefused
from db.tables import Series
from tests.web.making import NOW, Shop, a_post, a_series

WITHOUT_FORM = ["/", "/primer/rain/", "/primer/feed.atom", "/healthz", "/static/style.css", "/nothing/here/"]
WITH_FORM = ["/primer/", "/subscribe"]
"""On these the zone of a reader's letters is guessed."""
EVERYWHERE = [*WITHOUT_FORM, *WITH_FORM, "/static/zone.js"]


def a_small_site(shop: Shop) -> None:
    a_post(shop, a_series(shop))
    shop.feeds.write("primer/feed.atom", b"<feed/>")


def address_of_the_script(shop: Shop) -> str:
    return shop.get("/subscribe").text.split('<script src="')[1].split('"')[0]


@pytest.mark.parametrize("address", EVERYWHERE)
def test_head_answers_like_get_without_the_body(shop: Shop, address: str):
    a_small_site(shop)

    get, head = shop.get(address), shop.ask("HEAD", address)

    assert head.status_code == get.status_code
    assert head.headers == get.headers
    assert head.content == b""


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_is_strict_about_what_may_run(shop: Shop, address: str):
    a_small_site(shop)

    headers = shop.get(address).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers


@pytest.mark.parametrize("address", WITHOUT_FORM)
def test_no_script_runs_on_a_page_without_the_form_for_letters(shop: Shop, address: str):
    a_small_site(shop)

    answer = shop.get(address)

    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


@pytest.mark.parametrize("address", WITH_FORM)
def test_on_a_page_with_the_form_for_letters_one_script_of_ours_may_run(shop: Shop, address: str):
    a_small_site(shop)

    page = shop.get(address)

    assert page.headers["content-security-policy"].endswith("; script-src 'self'")
    assert re.findall("<script[^>]*>[^<]*", page.text) == [f'<script src="{address_of_the_script(shop)}" defer>']


def test_who_has_a_page_with_the_form_already_hears_the_same_policy(shop: Shop):
    a_small_site(shop)
    page = shop.get("/primer/")

    again = shop.get("/primer/", if_none_match=page.headers["etag"])

    assert again.status_code == 304
    assert again.headers["content-security-policy"] == page.headers["content-security-policy"]


def test_a_series_that_has_ended_has_neither_form_nor_script(shop: Shop):
    series = a_series(shop)
    with shop.store.writing() as session:
        session.get_one(Series, series).ended_at = NOW

    page = shop.get("/primer/")

    assert "script-src" not in page.headers["content-security-policy"]
    assert "<script" not in page.text


@pytest.mark.parametrize("address", ["/", "/primer/", "/primer/rain/", "/subscribe", "/nothing/here/"])
def test_pages_are_asked_about_again_and_have_nothing_inline(shop: Shop, address: str):
    a_small_site(shop)

    page = shop.get(address)

    assert page.headers["cache-control"] == "no-cache"
    assert "<script>" not in page.text
    assert 'style="' not in page.text
    assert page.text.count("<h1") == 1
    assert 'href="#main">Skip' in page.text


@pytest.mark.parametrize("address", ["/docs", "/redoc", "/openapi.json", "/docs/", "/openapi.json/"])
def test_there_are_no_pages_of_the_framework(shop: Shop, address: str):
    assert shop.get(address).status_code in (308, 404)


def test_the_style_sheet_is_kept_for_ever_under_its_version(shop: Shop):
    address = shop.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]

    sheet = shop.get(address)

    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet.headers["cache-control"]
    assert "--paper: #F5F6F3" in sheet.text
    assert "pre.highlight" in sheet.text


def test_the_script_is_kept_for_ever_under_its_version(shop: Shop):
    script = shop.get(address_of_the_script(shop))

    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    assert "resolvedOptions().timeZone" in script.text


@pytest.mark.parametrize("file", ["style.css", "style.css?v=old", "zone.js", "zone.js?v=old"])
def test_the_style_sheet_and_the_script_under_another_version_are_not_kept(shop: Shop, file: str):
    assert shop.get(f"/static/{file}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("address", ["/blog/primer/", "/primer/"])
def test_a_site_below_a_sub_path_answers_with_it_or_with_it_taken_off(shop: Shop, address: str):
    a_small_site(shop)
    shop.url = "https://example.org/blog"

    page = shop.get(address)

    assert page.status_code == 200
    assert '<a href="/blog/primer/rain/">' in page.text
    assert 'href="/blog/static/style.css?v=' in page.text


def test_the_script_is_found_below_a_sub_path(shop: Shop):
    a_small_site(shop)
    shop.url = "https://example.org/blog"

    address = address_of_the_script(shop)

    assert address.startswith("/blog/static/zone.js?v=")
    assert shop.get(address).status_code == 200


def test_the_root_of_a_sub_path_needs_no_slash(shop: Shop):
    shop.url = "https://example.org/blog"

    assert shop.get("/blog").status_code == 200


def test_a_site_may_be_mounted_below_its_sub_path(shop: Shop):
    a_small_site(shop)
    shop.url = "https://example.org/blog"
    outer = FastAPI()
    outer.mount("/blog", shop.app())

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=outer), base_url="https://x") as client:
            return await client.get("/blog/primer/rain/")

    assert asyncio.run(ask()).status_code == 200


def test_health_is_json(shop: Shop):
    shop.health = {"ok": True, "overdue": 0}

    answer = shop.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "overdue": 0}


def test_ill_health_is_503(shop: Shop):
    shop.health = {"ok": False, "clock": "stopped"}

    assert shop.get("/healthz").status_code == 503


def test_an_error_of_ours_is_a_page_with_its_message(shop: Shop):
    def refuse():
        raise CalendarRefused("this store's time is <unknown>")

    shop.calendar = refuse

    answer = shop.get("/primer/")

    assert answer.status_code == 503
    assert "this store&#39;s time is &lt;unknown&gt;" in answer.text


def test_a_store_without_tables_is_a_page_that_tells_nothing_of_the_driver(shop: Shop):
    with shop.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE revisions"))

    answer = shop.get("/")

    assert answer.status_code == 503
    assert "<h1>Not just now</h1>" in answer.text
    assert "revisions" not in answer.text


def test_a_bug_is_a_page_too_and_keeps_the_safe_headers(shop: Shop):
    def broken():
        raise ZeroDivisionError("a secret detail")

    shop.store.reading = broken

    answer = shop.get("/primer/")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_an_error_speaks_the_language_of_whoever_asks_and_says_so_to_caches(shop: Shop):
    german, english = (shop.get("/nothing/here/", accept_language=asked) for asked in ("de-CH, en;q=0.5", "tlh"))

    assert "Hier ist nichts" in german.text
    assert "Nothing here" in english.text
    assert german.headers["vary"] == english.headers["vary"] == "Accept-Language"
    assert "etag" not in german.headers
