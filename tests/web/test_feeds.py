"""How our own web role serves documents: what every server must do, and what only ours can."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.web.conformance import FEED, LONG_AGO, PATH, Conformance
from tests.web.making import Shop, a_shop
from tests.web.serving import Served, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    shop = a_shop(tmp_path_factory.mktemp("shop"))
    with serving(shop.app()) as url:
        yield Served(url, shop.folder / "public")
    shop.store.close()


class TestServedByOurselves(Conformance):
    @pytest.fixture
    def site(self, server: Served) -> Iterator[Served]:
        yield server
        server.empty()


@pytest.fixture
def statements(shop: Shop) -> list[str]:
    """All SQL that is said from now on."""
    said: list[str] = []
    event.listen(shop.store.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    return said


@pytest.mark.parametrize("known", ["*", '"other"'])
def test_neither_a_feed_nor_a_304_touches_a_row(shop: Shop, statements: list[str], known: str):
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get(PATH, if_none_match=known).status_code in (200, 304)
    assert shop.ask("HEAD", PATH).status_code == 200
    assert statements == []


@pytest.mark.parametrize("suffix", ["-gzip", "-br", ";zstd", ""])
def test_a_tag_that_a_server_in_front_changed_is_known_still(shop: Shop, suffix: str):
    shop.feeds.write("primer/feed.atom", FEED)
    tag = shop.get(PATH, accept_encoding="identity").headers["etag"]

    answer = shop.get(PATH, if_none_match=f'{tag[:-1]}{suffix}"', accept_encoding="identity")

    assert answer.status_code == 304


def test_a_304_names_the_tag_that_the_reader_has(shop: Shop):
    shop.feeds.write("primer/feed.atom", FEED)
    tag = shop.get(PATH, accept_encoding="gzip").headers["etag"]

    answer = shop.get(PATH, accept_encoding="identity", if_none_match=tag)

    assert (answer.status_code, answer.headers["etag"]) == (304, tag)


@pytest.mark.parametrize("known", ["other", "", '"', 'W/"'])
def test_what_is_no_tag_is_another_document(shop: Shop, known: str):
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get(PATH, if_none_match=known).content == FEED


def test_a_known_tag_goes_before_an_old_date(shop: Shop):
    shop.feeds.write("primer/feed.atom", FEED)
    tag = shop.get(PATH).headers["etag"]

    assert shop.get(PATH, if_none_match=tag, if_modified_since=LONG_AGO).status_code == 304


def test_no_answer_is_dated_ahead(shop: Shop, tmp_path: Path):
    shop.feeds.write("primer/feed.atom", FEED)
    os.utime(tmp_path / "public/primer/feed.atom", (2**33, 2**33))

    answer = shop.get(PATH)

    assert "2242" not in answer.headers["last-modified"]
    assert shop.get(PATH, if_modified_since=answer.headers["last-modified"]).status_code == 200


def test_who_forbids_plain_bytes_gets_even_a_short_document_compressed(shop: Shop):
    shop.feeds.write("primer/feed.atom", b"<feed/>")

    answer = shop.get(PATH, accept_encoding="gzip, identity;q=0")

    assert (answer.headers["content-encoding"], answer.content) == ("gzip", b"<feed/>")


def test_who_forbids_everything_is_told_so(shop: Shop):
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get(PATH, accept_encoding="*;q=0").status_code == 406


def test_a_live_feed_names_the_hub_and_an_archive_does_not(shop: Shop):
    shop.hub = "https://hub.example.org/"
    shop.feeds.write("primer/feed.atom", FEED)
    shop.feeds.write("primer/archive/1/2.atom", FEED)

    live, frozen = (shop.get(path).headers["link"] for path in (PATH, "/primer/archive/1/2.atom"))

    assert live == '<https://example.org/primer/feed.atom>; rel="self", <https://hub.example.org/>; rel="hub"'
    assert frozen == '<https://example.org/primer/archive/1/2.atom>; rel="self"'


@pytest.mark.parametrize(("seconds", "said"), [(0, "no-cache"), (5, "public, max-age=5, must-revalidate")])
def test_the_operator_says_how_long_caches_may_answer(shop: Shop, seconds: int, said: str):
    shop.cache_seconds = seconds
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get(PATH).headers["cache-control"] == said


def test_below_a_sub_path_feeds_are_there_and_name_it(shop: Shop):
    shop.url = "https://example.org/blog"
    shop.feeds.write("primer/feed.atom", FEED)

    assert shop.get("/blog/primer/feed.atom").headers["link"] == (
        '<https://example.org/blog/primer/feed.atom>; rel="self"'
    )


@pytest.mark.parametrize(
    "path", ["/%2E%2E/feed.atom", "/%00/feed.atom", "/a%5Cb/feed.atom", "/a/feed.xml", "/.a/feed.atom"]
)
def test_what_cannot_be_a_document_is_not_found(shop: Shop, path: str):
    assert shop.get(path).status_code == 404


def test_a_storage_that_fails_says_when_to_come_again_and_nothing_of_its_insides(shop: Shop, monkeypatch):
    shop.feeds.write("primer/feed.atom", FEED)

    def broken(*_args, **_more):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    shop.app()  # it reads and writes files of its own
    monkeypatch.setattr(Path, "open", broken)
    answer = shop.get(PATH)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Input/output" not in answer.text
    assert "etag" not in answer.headers
