"""The life of a worker in a process of its own: it does all there is to do, unless it is struck before."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from db.engine import open_store
from db.states import InDoubtPolicy
from scheduler import cutting
from scheduler.heartbeat import LEASE, Heartbeat
from tests.dispatch.floor import Floor, a_dispatcher
from tests.dispatch.kills.points import Blow
from tests.sending.office import Office

BATCH = 70
"""Readers of one batch."""
PATIENCE = 120
"""Seconds after which a life that does not end fails the test."""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a worker is born with."""

    way: str
    url: str
    folder: Path
    port: int
    connections: int
    policy: InDoubtPolicy
    now: datetime
    owner: str = "node"

    def later(self, now: datetime) -> "Life":
        return replace(self, now=now)

    def by(self, owner: str) -> "Life":
        return replace(self, owner=owner)

    def begin(self, blow: Blow | None = None) -> BaseProcess:
        """A process with nothing of ours but this life."""
        process = _PROCESSES.Process(target=_live, args=(self, blow))
        process.start()
        return process

    def end(self, blow: Blow | None = None) -> int:
        """Live to the end, and give the exit code: minus the signal, where one ended it."""
        process = self.begin(blow)
        process.join(PATIENCE)
        assert process.exitcode is not None, "it neither died nor came to an end"
        return process.exitcode


def _live(life: Life, blow: Blow | None) -> None:
    with floor_of(life) as floor:
        cutting.cut_some.__kwdefaults__["size"] = BATCH
        if blow:
            _expose(floor, blow)
        floor.clock(life.now)
        floor.settle(life.port, owner=life.owner)


def _expose(floor: Floor, blow: Blow) -> None:
    def sleep() -> None:
        floor.office.machine += 2 * LEASE

    blow.prepare(woken=sleep)
    beating = Heartbeat.beating
    Heartbeat.beating = lambda self: beating(self, 0.001)  # type: ignore[assignment,method-assign,misc]


@contextmanager
def floor_of(life: Life) -> Iterator[Floor]:
    store = open_store(life.url)
    office = Office(store, life.folder, life.now, life.now)
    try:
        yield Floor(office, a_dispatcher(life.way, office), connections=life.connections, policy=life.policy)
    finally:
        store.close()
