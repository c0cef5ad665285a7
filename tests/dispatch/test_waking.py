"""A worker that has nothing to do is told at once of what another thread of its process has made ready."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Queue

import pytest

from db import tasks
from db.engine import Store
from db.states import Purpose
from db.tables import Subscriber
from db.tasks import Task
from fascicle.app import dispatcher_of
from fascicle.config import read_config
from fascicle.sample import write_sample
from scheduler import singles
from scheduler.dispatch import Embedded, embedded
from tests.making import NOON, a_house, a_house_of_letters, a_reader

PATIENCE = 60


@dataclass
class Looks:
    """A worker's place of work, which only says that it looked for work."""

    seen: Queue[None] = field(default_factory=Queue)

    def take(self, task: Task) -> bool:
        raise NotImplementedError(task)

    def left(self) -> list[Task]:
        return []

    def do_all(self) -> None:
        self.seen.put(None)


@pytest.fixture
def idle(store: Store, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Looks]:
    """A worker that has looked once, and rests for an hour unless it is told."""
    monkeypatch.setattr(embedded, "IDLE", 3_600)
    a_house(store)
    write_sample(tmp_path / "config.yaml")
    dispatcher, bench = dispatcher_of(read_config(tmp_path / "config.yaml"), store), Looks()
    assert isinstance(dispatcher, Embedded)
    worker = threading.Thread(target=dispatcher.work, args=(bench,))
    worker.start()
    bench.seen.get(timeout=PATIENCE)
    yield bench
    dispatcher.stop()
    worker.join(PATIENCE)


def test_a_single_letter_is_noticed_at_once(store: Store, idle: Looks):
    with store.writing() as session:
        a_reader(session)

    with store.writing() as session:
        alice = session.query(Subscriber).one()
        letter = singles.to_reader(alice, Purpose.already, 1, titles=("Primer",), paused=False)
        singles.send(session, a_house_of_letters(), letter, now=NOON)

    idle.seen.get(timeout=PATIENCE)


def test_nobody_is_told_of_what_was_undone(store: Store):
    told: list[str] = []
    store.made_ready = lambda: told.append("ready")

    with suppress(KeyError), store.writing() as session:
        tasks.note(session, [tasks.batch(1)])
        raise KeyError
    with store.writing():
        pass
    undone = list(told)
    with store.writing() as session:
        tasks.note(session, [tasks.batch(1)])

    assert (undone, told) == ([], ["ready"])
