"""The clock as a process of its own, on real time: several wakers, a kill, edits from outside, a copied store."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from db.engine import Store
from db.states import StoreKind
from db.tables import Post, Series
from fascicle.config import read_config
from fascicle.founding import init_store
from fascicle.sample import write_sample
from scheduler import copies
from tests.making import a_series, released_slugs, releases_of
from tests.scheduler.releasing import HOUR, PATIENCE, a_bare_post, until
from timing.clocks import machine_now

INSTANTS = 60
AT_EACH = 20
"""Posts due at each instant: so that a kill may well meet a waker in the middle of a transaction."""
POSTS = INSTANTS * AT_EACH
APART = timedelta(milliseconds=50)
HEAD_START = timedelta(seconds=1)
BOUND = timedelta(seconds=PATIENCE)
"""Far sooner than in the hour that was planned; tests/scheduler/test_clock.py has the clock look each second."""

pytestmark = pytest.mark.slow


class Waker:
    """`fascicle serve --roles clock` in a process of its own."""

    def __init__(self, folder: Path, url: str, name: str) -> None:
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "fascicle", "serve", "--roles", "clock"]
        with self.log.open("w") as file:
            env = {**os.environ, "FASCICLE_DATABASE": url}
            self.child = subprocess.Popen(command, cwd=folder, env=env, stderr=file)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What it has logged of one event; a line that is not yet whole is left out."""
        whole = self.log.read_text().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, whole) if line["event"] == event]

    def is_at_work(self) -> bool:
        return bool(self.lines("clock started"))

    def released(self) -> list[str]:
        return [line["post"] for line in self.lines("post released")]

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


Start = Callable[..., list[Waker]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts wakers, and waits until all are at work."""
    with ExitStack() as stack:

        def started(folder: Path, url: str, *names: str) -> list[Waker]:
            wakers = [Waker(folder, url, name) for name in names]
            for waker in wakers:
                stack.callback(waker.kill)
            until(lambda: all(waker.is_at_work() for waker in wakers))
            return wakers

        yield started


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with the program's configuration."""
    folder = tmp_path / "house"
    folder.mkdir()
    write_sample(folder / "config.yaml")
    return folder


@pytest.fixture
def primer(house: Path, store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Series:
    """A series in a store that is set up, with the node's secret and note in the house."""
    monkeypatch.setenv("FASCICLE_DATABASE", store_url)
    init_store(read_config(house / "config.yaml"), kind=StoreKind.live, now=machine_now())
    with store.writing() as session:
        return a_series(session)


def plan(store: Store, series: Series, *dues: datetime) -> None:
    with store.writing() as session:
        session.add_all(a_bare_post(series, number, due=due) for number, due in enumerate(dues))


def test_three_wakers_one_of_them_killed_release_each_post_once_none_early_and_soon(
    house: Path, store: Store, store_url: str, primer: Series, start: Start
):
    wakers = start(house, store_url, "first", "second", "third")
    begin = machine_now() + HEAD_START
    plan(store, primer, *(begin + number // AT_EACH * APART for number in range(POSTS)))

    until(lambda: any(len(waker.released()) >= 5 * AT_EACH for waker in wakers))
    victim = max(wakers, key=lambda waker: len(waker.released()))
    victim.kill()
    until(lambda: len(releases_of(store)) == POSTS)

    made = releases_of(store)
    assert released_slugs(store) == [f"chapter-{number:04}" for number in range(POSTS)]
    assert [release.seq for release in made] == list(range(1, POSTS + 1))
    assert all(release.released_at >= release.planned_at for release in made)
    assert max(release.released_at - release.planned_at for release in made) < BOUND
    assert len(victim.released()) < POSTS


def test_what_another_process_moves_to_an_earlier_moment_is_released_soon_after(
    house: Path, store: Store, store_url: str, primer: Series, start: Start
):
    much_later = machine_now() + HOUR
    plan(store, primer, much_later, much_later, much_later)
    start(house, store_url, "waker")

    committed = [moved_and_released(store, number) for number in range(3)]

    acted = [release.released_at - at for release, at in zip(releases_of(store), committed, strict=True)]
    assert max(acted) <= BOUND
    assert all(release.released_at >= release.planned_at for release in releases_of(store))


def moved_and_released(store: Store, number: int) -> datetime:
    """Move a post to a moment ahead, as an editor in another process does; gives when that was committed."""
    due = machine_now() + timedelta(milliseconds=200)
    with store.writing() as session:
        moved = update(Post).where(Post.position == number).values(due_at=due, wall=due.replace(tzinfo=None))
        session.execute(moved)
    committed = machine_now()
    until(lambda: len(releases_of(store)) > number)
    return committed


def test_a_copy_of_the_store_releases_nothing_on_any_node_until_it_is_adopted(
    house: Path, store: Store, primer: Series, start: Start, cloned: Callable[[Store], Store]
):
    plan(store, primer, machine_now())
    clone = cloned(store)
    url = clone.engine.url.render_as_string(hide_password=False)
    elsewhere = shutil.copytree(house, house.with_name("elsewhere"), ignore=shutil.ignore_patterns("node.json"))

    wakers = [*start(house, url, "known"), *start(elsewhere, url, "new")]
    until(lambda: all(len(waker.lines("clock cannot work")) >= 2 for waker in wakers))
    before_adoption = released_slugs(clone)
    copies.adopt(clone, house / "node.json")
    until(lambda: released_slugs(clone))

    assert before_adoption == []
    assert released_slugs(clone) == ["chapter-0000"]
    assert "fascicle db adopt" in wakers[0].lines("clock cannot work")[0]["problem"]
