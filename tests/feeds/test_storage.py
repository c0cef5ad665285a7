import errno
import gzip
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.errors import FascicleError
from feeds.storage import DirectoryStorage, Storage, StorageRefused

LONG = b"It rained. " * 500


@pytest.fixture
def storage(tmp_path) -> Storage:
    return DirectoryStorage(tmp_path / "public")


def files(tmp_path):
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


def test_the_same_bytes_are_not_written_again(storage, tmp_path):
    storage.write("feed.atom", b"a")
    before = (tmp_path / "public/feed.atom").stat()

    assert storage.write("feed.atom", b"a") is False
    after = (tmp_path / "public/feed.atom").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


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


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".hidden",
        "a/.b",
        "a.gz",
        "/etc/x",
        "../x",
        "a/../../x",
        "a/../x",
        ".",
        "a//b",
        "a/",
        "a\\b",
        "a\0b",
        "a\nb",
        "\ud800",
        "./a",
    ],
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
    assert storage.read("primer").body == b"a file"


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
    assert storage.read("feed.atom").body == b"old"
    assert files(tmp_path) == ["public/feed.atom"]


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder that refuses everyone")
def test_a_folder_that_refuses_everyone_is_told(tmp_path):
    with pytest.raises(StorageRefused, match=r"feed\.atom"):
        DirectoryStorage(Path("/proc/version")).write("feed.atom", b"x")


def test_a_reader_never_sees_half_a_document_nor_the_twin_of_another(storage):
    bodies = [bytes([letter]) * 300_000 for letter in b"ab"]
    storage.write("feed.atom", bodies[0])

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(lambda: [storage.write("feed.atom", bodies[at % 2]) for at in range(40)])
        seen = [storage.read("feed.atom") for _ in range(200)]
        writing.result()

    assert {one.body for one in seen} <= set(bodies)
    assert all(gzip.decompress(one.gzipped) == one.body for one in seen if one.gzipped)


def test_two_writers_at_once_leave_a_document_with_its_own_twin(tmp_path):
    bodies = [bytes([65 + number]) * 5000 for number in range(80)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda body: DirectoryStorage(tmp_path).write("feed.atom", body), bodies))

    assert gzip.decompress((tmp_path / "feed.atom.gz").read_bytes()) == (tmp_path / "feed.atom").read_bytes()
    assert files(tmp_path) == ["feed.atom", "feed.atom.gz"]


def test_an_unchanged_document_is_read_once_and_then_only_looked_at(storage, monkeypatch):
    storage.write("feed.atom", LONG)
    first = storage.read("feed.atom")

    monkeypatch.setattr(Path, "open", lambda *_args, **_more: pytest.fail("the file was read"))
    monkeypatch.setattr(Path, "resolve", lambda *_args, **_more: pytest.fail("more than one look"))

    assert storage.read("feed.atom") is first


def test_a_change_by_another_process_is_seen_at_once(storage, tmp_path):
    storage.write("feed.atom", b"a")
    storage.read("feed.atom")

    DirectoryStorage(tmp_path / "public").write("feed.atom", b"b")

    assert storage.read("feed.atom").body == b"b"


def test_document_and_twin_change_at_one_time_which_is_a_later_second_each_time(storage, tmp_path):
    seconds = []
    for letter in (b"a", b"b", b"c"):
        storage.write("feed.atom", letter * 5000)
        plain, twin = ((tmp_path / "public" / name).stat() for name in ("feed.atom", "feed.atom.gz"))
        assert plain.st_mtime_ns == twin.st_mtime_ns
        seconds.append(int(plain.st_mtime))

    assert seconds[0] < seconds[1] < seconds[2]


@pytest.mark.parametrize("left", [None, b"not of this body"])
def test_a_twin_that_is_lost_or_another_document_s_is_made_anew(storage, tmp_path, left):
    storage.write("feed.atom", LONG)
    twin = tmp_path / "public/feed.atom.gz"
    twin.unlink() if left is None else twin.write_bytes(left)
    fresh = DirectoryStorage(tmp_path / "public")

    assert fresh.write("feed.atom", LONG) is False
    assert gzip.decompress(twin.read_bytes()) == LONG
    assert fresh.read("feed.atom").gzipped == twin.read_bytes()


def test_a_document_grown_short_loses_its_twin(storage, tmp_path):
    storage.write("feed.atom", LONG)
    storage.write("feed.atom", b"short")

    assert files(tmp_path) == ["public/feed.atom"]


KILLED = """
import os, signal, sys
from pathlib import Path
from feeds.storage import DirectoryStorage
die = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
replace = Path.replace
if sys.argv[2] == "before":
    os.fsync = die
else:
    Path.replace = lambda self, target: replace(self, target) if target.suffix == ".gz" else die()
DirectoryStorage(Path(sys.argv[1])).write("feed.atom", b"new " * 1000)
"""


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_writer_killed_in_its_midst_changes_no_document_and_the_next_one_tidies_up(storage, tmp_path, moment):
    storage.write("feed.atom", LONG)

    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "public"), moment], check=False)
    left = [name for name in files(tmp_path) if name.endswith(".part")]
    after = DirectoryStorage(tmp_path / "public")

    assert (killed.returncode, bool(left)) == (-9, True)
    assert list(after.paths()) == ["feed.atom"]
    assert after.read("feed.atom").body == LONG
    assert after.read("feed.atom").gzipped in (None, gzip.compress(LONG, 6, mtime=0))
    assert after.write("feed.atom", b"new " * 1000) is True
    assert files(tmp_path) == ["public/feed.atom", "public/feed.atom.gz"]
    assert gzip.decompress(after.read("feed.atom").gzipped) == b"new " * 1000
