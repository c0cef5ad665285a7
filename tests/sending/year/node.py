"""One node with one worker. It can be killed at any commit, stopped, and begun again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from db.engine import Store, open_store
from db.states import InDoubtPolicy
from scheduler.passes import Clockwork, Passes
from scheduler.release import Rules
from tests.making import NOON
from tests.sending.office import Office

MOST_STEPS = 300
"""No pass needs more; a worker that takes more goes round in circles."""


class Killed(Exception):
    """The process is gone."""


class MortalStore(Store):
    """A store whose process dies before or after one of its commits, and writes no more from then on."""

    doom: int | None = None
    """How many such points are left to live through."""
    dead = False

    def share_turns(self, other: Store) -> None:
        """Be one process with another, as far as SQLite's one writer goes."""
        self._lock = other._lock

    @contextmanager
    def writing(self, *, first: bool = False) -> Iterator[Session]:
        self._live_on()
        with super().writing(first=first) as session:
            yield session
        self._live_on()

    def _live_on(self) -> None:
        if self.doom is not None:
            self.doom -= 1
            self.dead = self.dead or self.doom < 0
        if self.dead:
            raise Killed


class Node:
    def __init__(self, url: str, folder: Path, port: int, policy: InDoubtPolicy, quiet: Callable[[], None]) -> None:
        self.hands = open_store(url)
        """What others do, in processes that live."""
        self.store = MortalStore(self.hands.engine)
        self.store.share_turns(self.hands)
        self.office = Office(self.store, folder, NOON, NOON)
        self.policy = policy
        self._port, self._quiet = port, quiet
        self._owners = count(1)
        self._owner = "node"
        self._life = ExitStack()
        self._passes: Passes | None = None

    def wake(self, now: datetime) -> None:
        """What the clock does. Raises Killed."""
        self._at(now).clockwork.wake(now)

    def send(self, now: datetime) -> None:
        """What the worker does. Raises Killed."""
        taken = iter(range(MOST_STEPS))

        def stopping() -> bool:
            assert next(taken, None) is not None, f"the worker found something to do {MOST_STEPS} times in one pass"
            return self.office.stopping.is_set()

        replace(self._at(now), stopping=stopping).send_letters(now)

    def begin_anew(self, *, elsewhere: bool = False) -> None:
        """End the process, if it lives; begin another, under another name when it is on another machine."""
        self._life.close()
        self._quiet()
        self._passes = None
        self.store.doom, self.store.dead = None, False
        self.office.stopping.clear()
        if elsewhere:
            self._owner = f"node-{next(self._owners)}"

    def close(self) -> None:
        self.begin_anew()
        self.hands.close()

    def _at(self, now: datetime) -> Passes:
        self.office.machine = self.office.calendar = now
        if self._passes is None:
            worker = self.office.worker(self._port, policy=self.policy, owner=self._owner)
            clockwork = Clockwork(self.store, self.office.folder / "node.json", Rules())
            self._passes = replace(self._life.enter_context(worker), clockwork=clockwork)
        return self._passes
