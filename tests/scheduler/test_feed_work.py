"""One writer at a time writes the documents of a topic, and whatever kills it, the next one makes them whole."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db import feed_work, published
from db.engine import Store
from feeds import publish
from feeds.form import Form
from feeds.publish import LeaseLost, Publisher
from feeds.storage import DirectoryStorage, StorageRefused
from scheduler.work import FEED_LEASE, FEED_PAUSES, FeedWriter
from tests.feeds.publishing import Desk, a_desk, urns
from tests.making import in_threads

TOPIC = "series:1"
LIVE = "primer/feed.atom"
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A desk whose primer has two archives and fifty chapters beyond, none of them written yet."""
    return a_desk(store, tmp_path, chapters=250)


def a_writer(desk: Desk, owner: str = "node") -> FeedWriter:
    return FeedWriter(desk.store, desk.publisher, owner, lambda: desk.now)


def everything(desk: Desk) -> dict[str, bytes]:
    return {path: desk.read(path) for path in desk.paths()}


def behind(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        return [topic for topic, _ in feed_work.behind(session)]


def as_never_disturbed(desk: Desk, tmp_path: Path) -> dict[str, bytes]:
    """What the same store gives in another folder."""
    fresh = replace(desk, folder=tmp_path / "fresh")
    for topic in fresh.everything():
        fresh.publish(topic)
    with_archives = {path: desk.read(path) for path in desk.paths("primer/archive")}
    return {**everything(fresh), **with_archives}


class Lost:
    """Says of a lease that it holds, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left >= 0


@pytest.mark.parametrize(("times", "there"), [(0, []), (1, ["atom"]), (2, ["atom", "rss"])])
def test_who_lost_the_lease_writes_no_further_document(store: Store, tmp_path: Path, times: int, there: list[str]):
    desk = a_desk(store, tmp_path, chapters=2)

    with pytest.raises(LeaseLost):
        desk.publisher.publish(TOPIC, Lost(times))

    assert desk.paths() == [f"primer/feed.{form}" for form in there]


def test_who_lost_the_lease_notes_no_archive(desk: Desk):
    with pytest.raises(LeaseLost):
        desk.publisher.publish(TOPIC, Lost(0))

    assert (desk.paths(), desk.archives()) == ([], [])


def test_a_lease_that_ran_out_is_taken_over_and_its_owner_leaves_the_work(desk: Desk, monkeypatch):
    whole = Publisher.publish
    others: list[str] = []

    def slow(self: Publisher, topic: str, mine: Callable[[], bool]) -> publish.Published:
        if not others:
            others.append("elsewhere")
            desk.now += FEED_LEASE + SECOND
            taken_over(desk, topic)
        return whole(self, topic, mine)

    monkeypatch.setattr(Publisher, "publish", slow)
    a_writer(desk).do_one()

    assert desk.paths() == []
    assert behind(desk) == ["all", "opml", "series:1"]


def taken_over(desk: Desk, topic: str) -> None:
    with desk.store.writing() as session:
        until = desk.now + FEED_LEASE
        claim = feed_work.claim(session, owner="elsewhere", now=desk.now, lease_until=until)
    assert claim is not None
    assert claim.topic == topic


def test_a_topic_that_another_has_is_left_to_it_until_its_lease_runs_out(desk: Desk):
    taken_over(desk, "all")
    early = [a_writer(desk).do_one() for _ in range(9)]
    desk.now += FEED_LEASE + SECOND
    late = a_writer(desk).do_one()

    # Two archives and the live feed of the series, and the list of feeds.
    assert early == [True] * 4 + [False] * 5
    assert (late, behind(desk)) == (True, [])


def test_two_writers_at_once_leave_the_documents_of_one(desk: Desk, tmp_path: Path):
    owners = iter(("one", "two"))

    def work() -> None:
        writer = a_writer(desk, next(owners))
        while writer.do_one():
            pass

    in_threads(2, work)
    desk.write()

    assert behind(desk) == []
    assert everything(desk) == as_never_disturbed(desk, tmp_path)
    assert desk.walked() == urns(*range(250, 0, -1))


def test_two_that_both_believe_to_have_the_lease_leave_a_whole_chain(desk: Desk):
    def work() -> None:
        while desk.publisher.publish(TOPIC, lambda: True).more:
            pass

    in_threads(2, work)
    desk.write()

    assert desk.walked() == urns(*range(250, 0, -1))
    assert desk.paths("primer/archive") == [path for path in reversed(desk.chain()) if "archive" in path]


def test_an_archive_written_over_by_who_was_too_late_is_written_anew(desk: Desk):
    others: list[str] = []

    def mine() -> bool:
        if not others:
            others.append("elsewhere")
            desk.edit(7)
            desk.publish(TOPIC)
        return True

    desk.publisher.publish(TOPIC, mine)
    desk.write()

    titles = {entry.id: entry.title for path in reversed(desk.chain()) for entry in desk.seen(path)}
    assert titles["urn:x:7"] == "Mended"
    assert desk.walked() == urns(*range(250, 0, -1))


def cut(*_: object, **__: object) -> bool:
    """What ends a worker at a certain place."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "place"),
    [(feed_work, "done"), (feed_work, "give_back"), (published, "note_archive"), (published, "put_fragments")],
)
def test_a_worker_killed_at_any_place_leaves_to_the_next_one_what_that_brings_to_its_end(
    desk: Desk, tmp_path: Path, monkeypatch, module, place: str
):
    with monkeypatch.context() as power:
        power.setattr(module, place, cut)
        with pytest.raises(KeyboardInterrupt):
            desk.write()
    desk.write()

    assert behind(desk) == []
    assert everything(desk) == as_never_disturbed(desk, tmp_path)
    assert desk.walked() == urns(*range(250, 0, -1))


def test_an_archive_that_was_written_but_not_noted_is_noted_by_the_next_writer(desk: Desk, monkeypatch):
    with monkeypatch.context() as power:
        power.setattr(published, "note_archive", cut)
        with pytest.raises(KeyboardInterrupt):
            desk.publish(TOPIC)
    before = desk.as_it_is()
    noted = desk.archives()
    desk.publish(TOPIC)

    archive = str(desk.folder / "primer/archive/1/1.atom")
    assert noted == []
    assert desk.archives()[0] == (1, 1, 1, 100)
    assert desk.as_it_is()[archive] == before[archive]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from db.engine import open_store
from tests.feeds.publishing import Desk
renames, replace = int(sys.argv[3]), os.replace
def counted(*names, **more):
    global renames
    renames -= 1
    if renames < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(*names, **more)
os.replace = counted
Desk(open_store(sys.argv[1]), Path(sys.argv[2]), now=datetime(2026, 3, 1, 12, tzinfo=UTC)).write()
"""


def test_a_process_killed_between_two_renames_loses_nothing(desk: Desk, tmp_path: Path):
    url = desk.store.engine.url.render_as_string(hide_password=False)
    # One rename puts the compressed twin in its place, and the next one the document.
    ended = [
        subprocess.run([sys.executable, "-c", KILLED, url, str(desk.folder), renames], capture_output=True).returncode
        for renames in ("3", "7", "4")
    ]
    left = list(desk.folder.rglob(".*.part"))
    desk.now += timedelta(hours=9)
    desk.write()

    assert (ended, bool(left)) == ([-signal.SIGKILL] * 3, True)
    assert everything(desk) == as_never_disturbed(desk, tmp_path)
    assert desk.walked() == urns(*range(250, 0, -1))


def test_a_storage_that_refuses_halfway_is_tried_again_and_other_topics_go_on(desk: Desk, monkeypatch):
    whole = DirectoryStorage.write

    def full(storage: DirectoryStorage, path: str, body: bytes) -> bool:
        if path == "primer/feed.rss":
            raise StorageRefused(path, "No space left on device", now="free some space on that disk")
        return whole(storage, path, body)

    with monkeypatch.context() as disk:
        disk.setattr(DirectoryStorage, "write", full)
        desk.write()
    with desk.store.reading() as session:
        (problem,) = feed_work.behind(session)
    halfway = desk.paths("primer")
    desk.now += FEED_PAUSES[0]
    desk.write()

    assert problem[0] == TOPIC
    assert "No space left" in str(problem[1])
    assert halfway == ["primer/archive/1/1.atom", "primer/archive/1/2.atom", LIVE]
    assert desk.paths("feeds") == [f"feeds/{name}" for name in ("all.atom", "all.json", "all.rss", "style.css")]
    assert (behind(desk), len(desk.ids("primer/feed.rss"))) == ([], 50)


def test_a_release_while_documents_are_written_has_them_written_once_more(desk: Desk, monkeypatch):
    whole = Publisher.publish
    others: list[str] = []

    def slow(self: Publisher, topic: str, mine: Callable[[], bool]) -> publish.Published:
        done = whole(self, topic, mine)
        if topic == TOPIC and not done.more and not others:
            others.append("released")
            desk.out(1)
        return done

    monkeypatch.setattr(Publisher, "publish", slow)
    desk.write()

    assert behind(desk) == []
    assert [len(desk.ids(f"primer/feed.{form}")) for form in Form] == [51] * 3
