"""What holds for every storage, and what only for object stores."""

import gzip
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from obstore.store import from_url

from feeds.storage import DirectoryStorage, ObjectStorage, Storage, StorageRefused, open_storage
from tests.feeds.objects import Bucket, bucket

NOW = datetime(2026, 3, 5, 7, tzinfo=UTC)
LONG = b"It rained. " * 500
NEXT = b"It snowed. " * 500


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket("serials") as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def objects(server: Bucket, clock: Hand) -> Storage:
    return open_storage("s3://serials/feeds", clock=clock)


@pytest.fixture(params=["folder", "objects"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return request.getfixturevalue("objects") if request.param == "objects" else open_storage(str(tmp_path / "public"))


def the_bucket():
    """The bucket as another program sees it."""
    return from_url("s3://serials/feeds", client_options={"allow_http": True})


def test_a_document_is_stored_with_its_digest_and_its_twin(storage: Storage):
    assert storage.write("primer/feed.atom", LONG) is True

    stored = storage.read("primer/feed.atom")

    assert (stored.body, gzip.decompress(stored.gzipped)) == (LONG, LONG)
    assert stored.digest == hashlib.sha256(LONG).hexdigest()
    assert stored.modified.utcoffset() == timedelta(0)
    assert stored.modified.microsecond == 0


def test_the_twin_of_the_same_document_is_the_same_bytes(storage: Storage):
    storage.write("a.atom", LONG)
    storage.write("b.atom", LONG)

    assert storage.read("a.atom").gzipped == storage.read("b.atom").gzipped
    assert storage.read("a.atom").gzipped[4:8] == bytes(4)


def test_a_document_that_compression_makes_no_shorter_has_no_twin(storage: Storage):
    storage.write("feed.atom", b"<feed/>")

    assert storage.read("feed.atom").gzipped is None


def test_the_same_document_is_not_written_again(storage: Storage):
    storage.write("feed.atom", LONG)

    assert storage.write("feed.atom", LONG) is False


def test_another_document_replaces_body_and_twin(storage: Storage):
    storage.write("feed.atom", LONG)
    storage.read("feed.atom")

    assert storage.write("feed.atom", NEXT) is True
    assert storage.read("feed.atom").body == NEXT
    assert gzip.decompress(storage.read("feed.atom").gzipped) == NEXT


def test_what_is_not_there_reads_as_none(storage: Storage):
    storage.write("feed.atom", b"a")

    assert storage.read("nothing.atom") is None
    assert storage.read("feed.atom/below") is None


def test_a_deleted_document_is_gone_and_deleting_again_does_nothing(storage: Storage):
    storage.write("primer/feed.atom", LONG)

    assert storage.delete("primer/feed.atom") is True
    assert storage.delete("primer/feed.atom") is False
    assert storage.delete("no/such/feed.atom") is False
    assert storage.read("primer/feed.atom") is None
    assert list(storage.paths()) == []


def test_the_documents_of_a_folder_are_named_without_their_twins(storage: Storage):
    for path in ("primer/feed.atom", "primer/archive/1/1.atom", "primerose/feed.atom", "feeds.opml"):
        storage.write(path, LONG)

    assert list(storage.paths("primer")) == ["primer/archive/1/1.atom", "primer/feed.atom"]
    assert len(list(storage.paths())) == 4
    assert list(storage.paths("nowhere")) == []


@pytest.mark.parametrize("path", ["", "/etc/x", "../x", "a/.b", "a//b", "a/", "a\\b", "a\0b", "a.gz"])
def test_a_path_that_is_not_plain_is_refused(storage: Storage, path: str):
    for ask in (storage.read, storage.delete, lambda path: storage.write(path, b"x")):
        with pytest.raises(StorageRefused, match="plain relative path"):
            ask(path)


def test_a_folder_and_an_object_store_are_told_apart(server: Bucket, tmp_path: Path):
    assert isinstance(open_storage("s3://serials/feeds"), ObjectStorage)
    assert isinstance(open_storage(str(tmp_path)), DirectoryStorage)


def test_a_url_without_a_bucket_is_refused():
    with pytest.raises(StorageRefused, match=r"feeds\.storage"):
        open_storage("s3://")


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("p/feed.atom", "application/atom+xml; charset=utf-8", "public, max-age=60, must-revalidate"),
        ("p/archive/1/1.atom", "application/atom+xml; charset=utf-8", "public, max-age=31536000, immutable"),
        ("feeds.opml", "text/x-opml; charset=utf-8", "public, max-age=60, must-revalidate"),
    ],
)
def test_an_object_says_what_it_is_to_who_reads_the_bucket(objects: Storage, path: str, kind: str, cache: str):
    objects.write(path, LONG)

    plain, twin = (obstore.get(the_bucket(), key) for key in (path, f"{path}.gz"))

    assert plain.attributes == {"Content-Type": kind, "Cache-Control": cache}
    assert twin.attributes == {"Content-Type": kind, "Cache-Control": cache, "Content-Encoding": "gzip"}


def test_within_a_second_the_store_is_not_asked_again(objects: Storage, server: Bucket, clock: Hand):
    objects.write("feed.atom", LONG)
    first = objects.read("feed.atom")
    server.asked.clear()

    clock.pass_seconds(0.9)

    assert objects.read("feed.atom") is first
    assert server.asked == []


def test_later_it_is_asked_only_whether_the_document_changed(objects: Storage, server: Bucket, clock: Hand):
    objects.write("feed.atom", LONG)
    first = objects.read("feed.atom")
    server.asked.clear()

    clock.pass_seconds(1)

    assert objects.read("feed.atom") is first
    assert server.asked == ["GET 304 /serials/feeds/feed.atom"]


def test_a_miss_is_remembered_for_a_second_too(objects: Storage, server: Bucket):
    objects.read("feed.atom")
    objects.read("feed.atom")

    assert server.asked == ["GET 404 /serials/feeds/feed.atom"]


def test_a_change_by_another_process_is_seen_after_a_second(objects: Storage, clock: Hand):
    objects.write("feed.atom", LONG)
    objects.read("feed.atom")
    open_storage("s3://serials/feeds", clock=clock).write("feed.atom", NEXT)

    clock.pass_seconds(1)

    assert objects.read("feed.atom").body == NEXT


def test_writing_the_same_again_sends_nothing(objects: Storage, server: Bucket):
    objects.write("feed.atom", LONG)
    objects.read("feed.atom")
    server.asked.clear()

    objects.write("feed.atom", LONG)

    assert server.asked == ["GET 304 /serials/feeds/feed.atom"]


def test_the_twin_is_put_before_the_document(objects: Storage, server: Bucket):
    objects.write("feed.atom", LONG)

    puts = [one for one in server.asked if one.startswith("PUT")]
    assert puts == ["PUT 200 /serials/feeds/feed.atom.gz", "PUT 200 /serials/feeds/feed.atom"]


@pytest.mark.parametrize("before", [b"", LONG])
def test_a_slow_writer_does_not_take_back_a_newer_document(server: Bucket, clock: Hand, before: bytes):
    slow, fast = (open_storage("s3://serials/feeds", clock=clock) for _ in range(2))
    fast.write("feed.atom", before)
    server.before = ("PUT /serials/feeds/feed.atom.gz", lambda: fast.write("feed.atom", NEXT))

    with pytest.raises(StorageRefused, match="another writer was faster"):
        slow.write("feed.atom", b"stale " * 500)
    assert slow.read("feed.atom").body == NEXT


def test_two_writers_of_a_new_document_do_not_both_succeed(server: Bucket, clock: Hand):
    slow, fast = (open_storage("s3://serials/feeds", clock=clock) for _ in range(2))
    server.before = ("PUT /serials/feeds/feed.atom.gz", lambda: fast.write("feed.atom", NEXT))

    with pytest.raises(StorageRefused, match="another writer was faster"):
        slow.write("feed.atom", LONG)


def test_a_twin_of_another_document_is_not_served_and_mended_at_the_next_write(objects: Storage, clock: Hand):
    objects.write("feed.atom", LONG)
    obstore.put(the_bucket(), "feed.atom.gz", gzip.compress(NEXT, mtime=0))

    assert objects.read("feed.atom").gzipped is None
    assert objects.write("feed.atom", LONG) is False
    assert gzip.decompress(objects.read("feed.atom").gzipped) == LONG


@pytest.mark.parametrize("status", [403, 501])
def test_a_store_that_refuses_is_told_with_path_and_what_to_check(objects: Storage, server: Bucket, status: int):
    server.trouble = status

    for ask in (objects.read, objects.delete, objects.paths, lambda path: objects.write(path, LONG)):
        with pytest.raises(StorageRefused, match=r"'primer/feed\.atom'.*check config\.yaml: feeds\.storage"):
            ask("primer/feed.atom")


def test_a_bucket_that_is_not_there_is_told_when_it_is_written_or_listed(server: Bucket):
    storage = open_storage("s3://nowhere/feeds")

    with pytest.raises(StorageRefused):
        storage.write("feed.atom", LONG)
    with pytest.raises(StorageRefused):
        storage.paths()


def test_readers_at_once_see_whole_documents_while_they_change(objects: Storage, clock: Hand):
    bodies = [bytes([65 + number]) * 20_000 for number in range(20)]
    objects.write("feed.atom", bodies[0])
    writer = open_storage("s3://serials/feeds", clock=clock)

    with ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(lambda: (clock.pass_seconds(1), objects.read("feed.atom"))[1]) for _ in range(100)]
        for body in bodies:
            writer.write("feed.atom", body)
        seen = [one.result() for one in reading]

    assert {one.body for one in seen} <= set(bodies)
    assert all(gzip.decompress(one.gzipped) == one.body for one in seen if one.gzipped)
