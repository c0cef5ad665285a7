"""Where a worker can be struck: before and after each step on the way of a post into letters."""

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from signal import SIGKILL, SIGSTOP, Signals, pthread_kill
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.orm import Session

from db.engine import Store
from feeds.publish import Publisher
from mail.committer import Committer
from mail.ledger import Ledger
from mail.relay import Connection
from scheduler import editions, passes, sending
from scheduler.heartbeat import Heartbeat
from scheduler.passes import Clockwork
from scheduler.sending import LetterSender
from scheduler.work import FeedWriter


class Moment(StrEnum):
    before = "before"
    after = "after"


class Step(NamedTuple):
    """`most`: it is taken at least so many times in a life of two batches."""

    holder: Any
    name: str
    most: int


COMMIT = "commits a transaction"
STEPS: dict[str, Step] = {
    "releases what is due": Step(Clockwork, "release", 1),
    "cuts an edition into batches": Step(passes, "cut_some", 1),
    "writes documents": Step(Publisher, "publish", 2),
    "notes that they are written": Step(FeedWriter, "_noted", 2),
    "claims a batch": Step(LetterSender, "_claim", 3),
    "prepares letters": Step(sending, "prepare", 2),
    "writes into the ledger": Step(Ledger, "write", 4),
    "tells what is written": Step(Committer, "_commit", 4),
    "sends an envelope": Step(Connection, "_send_envelope", 100),
    "begins the data": Step(Connection, "_begin_data", 100),
    "sends a body": Step(Connection, "_send_body", 100),
    "sends a dot": Step(Connection, "_send_dot", 100),
    "reads the answer": Step(Connection, "_read_reply", 100),
    "renews a lease": Step(Heartbeat, "beat", 1),
    "gives a batch back": Step(LetterSender, "_give_back", 2),
    "closes a batch": Step(LetterSender, "_close_or_wait", 2),
    "finishes editions": Step(editions, "finish_editions", 1),
}
MOST_COMMITS = 12


@dataclass
class Blow:
    """A signal that a process sends to itself when it comes to a point for the `nth` time; all points where none is."""

    nth: int
    step: str | None = None
    moment: Moment = Moment.before
    signal: Signals = SIGKILL

    def prepare(self, woken: Callable[[], object]) -> None:
        """For the process that shall be struck, before it begins; `woken` is called when it goes on after all."""
        self._passed, self._woken = count(1), woken
        self._writing = threading.RLock()
        if self.signal is SIGSTOP:
            self._keep_out_of_writes()
        for words, step in STEPS.items():
            if self.step in (None, words):
                setattr(step.holder, step.name, self._wrapped(getattr(step.holder, step.name)))
        if self.step in (None, COMMIT):
            event.listen(Session, f"{self.moment}_commit", lambda _session: self._fall())

    def _keep_out_of_writes(self) -> None:
        """A process stopped in mid write would hold up every other; how those get rid of it is shown elsewhere."""
        write = Store.writing

        @contextmanager
        def writing(store: Store, *, first: bool = False) -> Iterator[Session]:
            with self._writing, write(store, first=first) as session:
                yield session

        Store.writing = writing  # type: ignore[method-assign]

    def _fall(self) -> None:
        if next(self._passed) == self.nth:
            # At this very thread, which would else go on for a moment.
            with self._writing:
                pthread_kill(threading.get_ident(), self.signal)
            self._woken()

    def _at(self, moment: Moment) -> None:
        if moment is self.moment:
            self._fall()

    def _wrapped(self, step: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(step):

            @functools.wraps(step)
            async def taken(*args: Any, **named: Any) -> Any:
                self._at(Moment.before)
                result = await step(*args, **named)
                self._at(Moment.after)
                return result

            return taken

        @functools.wraps(step)
        def taken_at_once(*args: Any, **named: Any) -> Any:
            self._at(Moment.before)
            result = step(*args, **named)
            self._at(Moment.after)
            return result

        return taken_at_once
