import hashlib

import pytest

from tests.web.making import Shop

FEED = b"<feed/>"
DIGEST = hashlib.sha256(FEED).hexdigest()
ADDRESSES = ["/feeds/all.atom", "/primer/feed.atom"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stored_feed_is_served_as_it_is(shop: Shop, address: str):
    shop.feeds.write(address.lstrip("/"), FEED)

    answer = shop.get(address)

    assert answer.content == FEED
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["etag"] == f'"{DIGEST}"'
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("known", [f'"{DIGEST}"', f'W/"{DIGEST}"', f'"other", "{DIGEST}"', f'"{DIGEST}-gzip"', "*"])
def test_who_has_the_feed_gets_304_without_a_body(shop: Shop, known: str):
    shop.feeds.write("primer/feed.atom", FEED)

    answer = shop.get("/primer/feed.atom", if_none_match=known)

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == f'"{DIGEST}"'
    assert "cache-control" in answer.headers


@pytest.mark.parametrize("known", ['"other"', DIGEST, "", '"'])
def test_who_has_another_feed_gets_this_one(shop: Shop, known: str):
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get("/primer/feed.atom", if_none_match=known).content == FEED


@pytest.mark.parametrize("address", [*ADDRESSES, "/%2E%2E/feed.atom", "/%00/feed.atom", "/a%5Cb/feed.atom"])
def test_a_feed_that_is_not_stored_is_not_found(shop: Shop, address: str):
    assert shop.get(address).status_code == 404


def test_a_feed_takes_no_post(shop: Shop):
    answer = shop.ask("POST", "/primer/feed.atom")

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
