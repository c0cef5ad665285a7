"""What every server of documents must do, whether it is ours or one that serves the folder directly."""

import gzip
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from tests.web.readers import readers_during_updates
from tests.web.serving import Answer, Served

FEED = b"<feed>" + b"It rained. " * 200 + b"</feed>"
NEXT = b"<feed>" + b"It snowed. " * 200 + b"</feed>"
PATH = "/primer/feed.atom"
LONG_AGO = "Mon, 01 Jan 2001 00:00:00 GMT"
TYPES = {
    "/feeds/all.atom": "application/atom+xml",
    "/feeds/all.rss": "application/rss+xml",
    "/feeds/all.json": "application/feed+json",
    "/primer/feed.atom": "application/atom+xml",
    "/primer/feed.rss": "application/rss+xml",
    "/primer/feed.json": "application/feed+json",
    "/tag/rain/feed.atom": "application/atom+xml",
    "/primer/archive/1/2.atom": "application/atom+xml",
    "/feeds.opml": "text/x-opml",
    "/feeds/style.css": "text/css",
}
LIVE = "public, max-age=60, must-revalidate"


class Conformance:
    """Inherited by a class that has a fixture `site`."""

    @pytest.mark.parametrize("path", TYPES)
    def test_a_document_says_what_it_is_and_may_be_read_by_anyone(self, site: Served, path: str):
        site.storage.write(path.lstrip("/"), FEED)

        answer = site.get(path)

        assert (answer.status, answer.raw) == (200, FEED)
        assert answer.headers["content-type"] == f"{TYPES[path]}; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["set-cookie"] is None

    @pytest.mark.parametrize("path", [path for path in TYPES if "archive" not in path])
    def test_a_live_document_may_be_kept_for_a_minute(self, site: Served, path: str):
        site.storage.write(path.lstrip("/"), FEED)

        assert site.get(path).headers.get_all("cache-control") == [LIVE]

    def test_an_archive_may_be_kept_for_ever(self, site: Served):
        site.storage.write("primer/archive/1/2.atom", FEED)

        answer = site.get("/primer/archive/1/2.atom")

        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    @pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "deflate;q=0, GZIP"])
    def test_who_accepts_gzip_gets_the_twin(self, site: Served, accepted: str):
        site.storage.write("primer/feed.atom", FEED)

        answer = site.get(PATH, accept_encoding=accepted)

        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.raw) == FEED
        assert int(answer.headers["content-length"]) == len(answer.raw)

    @pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br", "gzip;q=0.000"])
    def test_who_does_not_gets_plain_bytes(self, site: Served, accepted: str):
        site.storage.write("primer/feed.atom", FEED)

        answer = site.get(PATH, accept_encoding=accepted)

        assert (answer.raw, answer.headers["content-encoding"]) == (FEED, None)

    def test_caches_are_told_that_the_coding_is_a_choice(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)

        assert site.get(PATH).headers["vary"] == "Accept-Encoding"
        assert site.get(PATH, accept_encoding="gzip").headers["vary"] == "Accept-Encoding"

    def test_each_coding_has_a_tag_of_its_own(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)

        tags = {site.get(PATH, accept_encoding=one).headers["etag"] for one in ("identity", "gzip")}

        assert len(tags) == 2

    @pytest.mark.parametrize("accepted", ["identity", "gzip"])
    @pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', '"a",W/"b" ,{}', "*"])
    def test_who_has_the_document_gets_304_without_a_body(self, site: Served, known: str, accepted: str):
        site.storage.write("primer/feed.atom", FEED)
        first = site.get(PATH, accept_encoding=accepted)
        tag = first.headers["etag"]

        answer = site.get(PATH, accept_encoding=accepted, if_none_match=known.format(tag))

        assert (answer.status, answer.raw) == (304, b"")
        assert answer.headers["etag"] == tag
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == LIVE
        assert answer.headers["last-modified"] in (first.headers["last-modified"], None)
        assert answer.headers["content-encoding"] is None

    def test_who_has_another_document_gets_this_one_whatever_its_date(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)
        modified = site.get(PATH).headers["last-modified"]

        answer = site.get(PATH, if_none_match='"other"', if_modified_since=modified)

        assert (answer.status, answer.raw) == (200, FEED)

    def test_a_date_alone_is_enough_for_304(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)
        modified = site.get(PATH).headers["last-modified"]

        assert site.get(PATH, if_modified_since=modified).status == 304
        assert site.get(PATH, if_modified_since=LONG_AGO).status == 200
        assert site.get(PATH, if_modified_since="yesterday").status == 200

    def test_a_change_gives_another_tag_and_a_later_date_even_within_a_second(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)
        tag = site.get(PATH).headers["etag"]
        site.storage.write("primer/feed.atom", NEXT)

        answer = site.get(PATH, if_none_match=tag)

        assert (answer.status, answer.raw, len(NEXT)) == (200, NEXT, len(FEED))
        assert answer.headers["etag"] != tag

    def test_who_insists_on_another_version_is_refused(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)
        tag = site.get(PATH).headers["etag"]

        assert site.get(PATH, if_match='"other"').status == 412
        assert site.get(PATH, if_match=tag).status == 200
        assert site.get(PATH, if_unmodified_since=LONG_AGO).status == 412

    @pytest.mark.parametrize("accepted", ["identity", "gzip"])
    def test_head_is_get_without_the_body(self, site: Served, accepted: str):
        site.storage.write("primer/feed.atom", FEED)

        get = site.get(PATH, accept_encoding=accepted)
        head = site.ask("HEAD", PATH, accept_encoding=accepted)

        assert (head.status, head.raw) == (200, b"")
        assert dict(head.headers) | {"date": ""} == dict(get.headers) | {"date": ""}
        assert int(head.headers["content-length"]) == len(get.raw)

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    def test_a_document_takes_only_reads(self, site: Served, method: str):
        site.storage.write("primer/feed.atom", FEED)

        answer = site.ask(method, PATH, content_length="0")

        assert answer.status == 405
        assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]

    def test_a_part_is_asked_for_and_the_whole_is_given(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)

        answer = site.get(PATH, range="bytes=0-9")

        assert (answer.status, answer.raw) == (200, FEED)

    def test_a_feed_names_itself_once(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)

        links = site.get(PATH).headers.get_all("link")

        assert links == ['<https://example.org/primer/feed.atom>; rel="self"']

    @pytest.mark.parametrize("path", ["/feeds.opml", "/feeds/style.css"])
    def test_what_is_no_feed_names_nothing(self, site: Served, path: str):
        site.storage.write(path.lstrip("/"), FEED)

        assert site.get(path).headers["link"] is None

    @pytest.mark.parametrize("name", ["feed.atom.gz", ".feed.atom", ".tmp1234.part", "notes.txt"])
    def test_only_documents_are_shown(self, site: Served, name: str):
        site.storage.write("primer/feed.atom", FEED)
        (site.folder / "primer" / name).write_bytes(b"a secret")

        assert b"a secret" not in site.get(f"/primer/{name}").raw
        assert b"a secret" not in site.get(f"/primer/{name}", accept_encoding="gzip").raw

    def test_what_is_not_stored_is_not_found(self, site: Served):
        assert site.get(PATH).status == 404
        assert site.get(PATH, accept_encoding="gzip", if_none_match="*").status == 404

    def test_a_deleted_document_is_gone_in_every_coding(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)
        site.storage.delete("primer/feed.atom")

        assert site.get(PATH, accept_encoding="gzip").status == 404
        assert site.get(PATH).status == 404

    @pytest.mark.slow
    def test_a_hundred_readers_during_a_hundred_updates_see_only_whole_documents(self, site: Served):
        bodies = documents(100)

        seen = readers_during_updates(site, PATH, bodies)

        shown = {answer.plain for answer in seen}
        assert shown <= set(bodies)
        assert all(ElementTree.fromstring(body).tag == "feed" for body in shown)
        assert one_sequence_of_bytes_a_tag(seen)


def documents(count: int) -> list[bytes]:
    """Different documents of the same length."""
    return [f"<feed>{number:>4} {'It rained. ' * 2000}</feed>".encode() for number in range(count)]


def one_sequence_of_bytes_a_tag(answers: Sequence[Answer]) -> bool:
    pairs = {(answer.headers["etag"], answer.raw) for answer in answers}
    return len(pairs) == len({tag for tag, _ in pairs})
