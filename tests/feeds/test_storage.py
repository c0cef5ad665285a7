import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.errors import FascicleError
from feeds.storage import DirectoryStorage, Storage, StorageRefused


@pytest.fixture
def storage(tmp_path) -> Storage:
    return DirectoryStorage(tmp_path / "public")


def files(tmp_path):
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


def test_what_is_written_can_be_read(storage):
    assert storage.write("primer/feed.atom", b"<feed/>") is True
    assert storage.read("primer/feed.atom") == b"<feed/>"


def test_the_same_bytes_are_not_written_again(storage, tmp_path):
    storage.write("feed.atom", b"a")
    before = (tmp_path / "public/feed.atom").stat()

    assert storage.write("feed.atom", b"a") is False
    after = (tmp_path / "public/feed.atom").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_bytes_replace_the_whole_file(storage):
    storage.write("feed.atom", b"long body")

    assert storage.write("feed.atom", b"b") is True
    assert storage.read("feed.atom") == b"b"


def test_a_web_server_of_another_user_can_read_the_file(storage, tmp_path):
    before = os.umask(0o077)
    try:
        storage.write("feed.atom", b"a")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "public/feed.atom").stat().st_mode) == 0o644


def test_only_the_document_is_left_in_the_folder(storage, tmp_path):
    storage.write("primer/feed.atom", b"a")
    storage.write("primer/feed.atom", b"b")

    assert files(tmp_path) == ["public/primer/feed.atom"]


def test_what_is_not_there_reads_as_none(storage):
    storage.write("feed.atom", b"a")

    assert storage.read("nothing.atom") is None
    assert storage.read("feed.atom/below") is None


def test_a_deleted_document_is_gone_and_deleting_again_does_nothing(storage):
    storage.write("feed.atom", b"a")

    storage.delete("feed.atom")
    storage.delete("feed.atom")
    storage.delete("no/such/folder.atom")

    assert storage.read("feed.atom") is None


@pytest.mark.parametrize(
    "path", ["", "/etc/x", "../x", "a/../../x", "a/../x", ".", "a//b", "a/", "a\\b", "a\0b", "a\nb", "\ud800", "./a"]
)
def test_a_path_that_is_not_plain_is_refused(storage, tmp_path, path):
    for ask in (storage.read, storage.delete, lambda path: storage.write(path, b"x")):
        with pytest.raises(StorageRefused, match="plain relative path"):
            ask(path)

    assert files(tmp_path) == []


def test_a_symbolic_link_does_not_lead_out_of_the_folder(storage, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    storage.write("feed.atom", b"a")
    (tmp_path / "public/way-out").symlink_to(outside)

    with pytest.raises(StorageRefused, match="leaves the storage's folder"):
        storage.write("way-out/feed.atom", b"x")
    assert files(outside) == []


def test_a_folder_that_is_itself_a_link_may_be_the_root(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "real")

    assert DirectoryStorage(tmp_path / "root").write("feed.atom", b"a") is True


def test_a_file_in_the_way_of_a_folder_is_told_with_path_and_reason(storage):
    storage.write("primer", b"a file")

    with pytest.raises(StorageRefused) as caught:
        storage.write("primer/feed.atom", b"x")

    assert isinstance(caught.value, FascicleError)
    assert caught.value.path == "primer/feed.atom"
    assert "feeds.storage" in str(caught.value)
    assert storage.read("primer") == b"a file"


def test_a_folder_in_the_way_of_a_document_leaves_no_temporary_file(storage, tmp_path):
    storage.write("primer/feed.atom/inner", b"x")

    with pytest.raises(StorageRefused):
        storage.write("primer/feed.atom", b"y")
    assert files(tmp_path) == ["public/primer/feed.atom/inner"]


def test_a_full_disk_says_what_to_do_and_keeps_the_old_document(storage, tmp_path, monkeypatch):
    storage.write("feed.atom", b"old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StorageRefused, match="No space left on device; free some space"):
        storage.write("feed.atom", b"new")
    assert storage.read("feed.atom") == b"old"
    assert files(tmp_path) == ["public/feed.atom"]


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder that refuses everyone")
def test_a_folder_that_refuses_everyone_is_told(tmp_path):
    with pytest.raises(StorageRefused, match=r"feed\.atom"):
        DirectoryStorage(Path("/proc/version")).write("feed.atom", b"x")


def test_a_reader_never_sees_half_a_document(storage):
    bodies = [bytes([letter]) * 300_000 for letter in b"ab"]
    storage.write("feed.atom", bodies[0])

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(lambda: [storage.write("feed.atom", bodies[at % 2]) for at in range(40)])
        seen = [storage.read("feed.atom") for _ in range(200)]
        writing.result()

    assert set(seen) <= set(bodies)
