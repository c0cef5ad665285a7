import os

import pytest

from tests.web.making import Shop, a_letter


@pytest.fixture
def outbox(shop: Shop):
    shop.outbox = shop.folder / "outbox"
    shop.outbox.mkdir()
    return shop.outbox


@pytest.mark.parametrize("address", ["/outbox/", "/outbox/one/", "/outbox/one/frame"])
def test_a_site_without_an_outbox_shows_none(shop: Shop, address: str):
    a_letter(shop.folder / "outbox", "one")

    assert shop.get(address).status_code in (308, 404)
    assert "Outbox" not in shop.get("/").text


def test_letters_are_listed_newest_first(shop: Shop, outbox):
    a_letter(outbox, "one", subject="First")
    a_letter(outbox, "two", subject="Second")
    os.utime(outbox / "one.eml", (1, 1))

    page = shop.get("/outbox/").text

    assert page.index("Second") < page.index("First")
    assert "reader@example.org" in page
    assert "5 March 2026, 07:00" in page


def test_an_empty_outbox_says_so(shop: Shop, outbox):
    assert "No letter yet." in shop.get("/outbox/").text


def test_a_letter_is_shown_in_a_frame_that_runs_nothing(shop: Shop, outbox):
    a_letter(outbox, "one", html="<script>alert(1)</script><p>It rained.</p>")

    page = shop.get("/outbox/one/")
    frame = shop.get("/outbox/one/frame")

    assert 'src="/outbox/one/frame"' in page.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "It rained." not in page.text
    assert "<p>It rained.</p>" in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox ")
    assert "frame-ancestors 'self'" in frame.headers["content-security-policy"]
    assert "allow-scripts" not in frame.headers["content-security-policy"]


@pytest.mark.parametrize(("tab", "words"), [("text", "It rained in words."), ("source", "boundary=&#34;b&#34;")])
def test_a_letter_is_shown_as_text_and_as_its_source(shop: Shop, outbox, tab: str, words: str):
    a_letter(outbox, "one")

    assert words in shop.get(f"/outbox/one/{tab}").text


def test_the_source_of_a_letter_is_escaped(shop: Shop, outbox):
    a_letter(outbox, "one", subject="<script>alert(1)</script>", html="<script>alert(2)</script>")

    for address in ("/outbox/", "/outbox/one/", "/outbox/one/text", "/outbox/one/source"):
        assert "<script" not in shop.get(address).text


@pytest.mark.parametrize("name", ["nothing", "..%2Fsecret", "%2E%2E", "*"])
def test_only_letters_in_the_folder_are_shown(shop: Shop, outbox, name: str):
    a_letter(shop.folder, "secret")

    assert shop.get(f"/outbox/{name}/").status_code == 404


def test_a_broken_letter_is_shown_all_the_same(shop: Shop, outbox):
    (outbox / "odd.eml").write_bytes(b"Date: yesterday\nSubject: =?utf-8?q?=FF?=\n\n\xff\xfe")

    assert shop.get("/outbox/").status_code == 200
    assert shop.get("/outbox/odd/").status_code == 200
    assert shop.get("/outbox/odd/source").status_code == 200
