"""The passes that the clock, the commands and a replay share: what is due at a moment is done, and no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

from db import posts
from db.engine import Store
from db.tasks import Task, TaskKind
from scheduler import catchup, copies, editions, pauses, zones
from scheduler.alerts import Alarm
from scheduler.cutting import cut_some
from scheduler.forgetting import forget_letters, forget_unconfirmed
from scheduler.pings import Pinger
from scheduler.release import Released, Rules, release_due
from scheduler.sending import LetterSender
from scheduler.tallying import tally_one
from scheduler.work import FeedWriter

PINGING = 10
"""Seconds after which a pass begins no more pings; what is left is told in the next one."""


def never() -> bool:
    return False


@dataclass(frozen=True)
class Clockwork:
    """What happens by the calendar alone. Nothing happens on a copy of a store (CopyRefused).

    What waits for an operator is told by the `alarm`, where there is one. The words of letters that were due longer ago
    than `kept` are let go; None: never.
    """

    store: Store
    note: Path
    rules: Rules
    alarm: Alarm | None = None
    kept: timedelta | None = None
    _zones_seen_to: Event = field(default_factory=Event, init=False, repr=False, compare=False)

    def wake(self, now: datetime) -> list[Released]:
        """Release what is due at `now`, then plan and open the editions that are due: in this order."""
        done = self.release(now)
        self.open_editions(now)
        return done

    def release(self, now: datetime) -> list[Released]:
        self._begin(now)
        return release_due(self.store, now=now, rules=self.rules)

    def open_editions(self, now: datetime, *, stopping: Callable[[], bool] = never) -> bool:
        """Plan and open the editions that are due, one after the other until `stopping`; False when none was."""
        self._begin(now)
        while pauses.end_pauses(self.store, now=now) or catchup.find_next_dates(self.store):
            pass
        while forget_unconfirmed(self.store, now=now) or self._forget_letters(now):
            pass
        if self.alarm is not None:
            self.alarm.ring()
        steps = 0
        # What is planned is opened first: its letters can go out while the others are planned.
        while not stopping() and (cut_some(self.store, self.note) or editions.plan_due_digest(self.store, now=now)):
            steps += 1
        if not stopping():
            tally_one(self.store)
        return steps > 0

    def _forget_letters(self, now: datetime) -> bool:
        return self.kept is not None and forget_letters(self.store, now=now, kept=self.kept)

    def next_release_at(self) -> datetime | None:
        """When the next post is due; may lie in the past."""
        with self.store.reading() as session:
            return posts.next_due_at(session)

    def next_due_at(self) -> datetime | None:
        """When there is something to wake for; may lie in the past."""
        with self.store.reading() as session:
            dues = [posts.next_due_at(session), editions.next_due_at(session)]
        return min((due for due in dues if due is not None), default=None)

    def _begin(self, now: datetime) -> None:
        """Before anything else: refuse a copy; the first time, let what is to come follow the zone rules in force.

        The first time only: the rules of a process do not change, and two nodes with different ones must not move
        posts to and fro for ever.
        """
        copies.check(self.store, self.note)
        if not self._zones_seen_to.is_set():
            zones.rederive_all(self.store, now=now)
            self._zones_seen_to.set()


@dataclass(frozen=True)
class Passes:
    """The clockwork with the work that follows from it. `stopping` ends a pass between two steps."""

    clockwork: Clockwork
    feeds: FeedWriter
    letters: LetterSender
    stopping: Callable[[], bool] = never
    pings: Pinger | None = None

    def write_feeds(self) -> int:
        """Write the documents that are behind; gives how many topics were worked on."""
        return self._drain(self.feeds.do_one)

    def ping_hubs(self) -> int:
        """Tell the hub what it is owed; gives how many steps it took. May wait for the network, but not for long."""
        if self.pings is None or not self.pings.any_ready():
            return 0
        copies.check(self.clockwork.store, self.clockwork.note)
        pinger, end = self.pings, monotonic() + PINGING
        return self._drain(lambda: monotonic() < end and pinger.do_one())

    def send_letters(self, now: datetime) -> int:
        """Send what can be sent this moment, and close the editions that are through; gives how many steps it took."""
        copies.check(self.clockwork.store, self.clockwork.note)
        steps = self._drain(self.letters.do_one)
        editions.finish_editions(self.clockwork.store, now=now)
        return steps

    def take(self, task: Task, now: datetime) -> None:
        """Do what can be done now of one task that was handed out; nothing where somebody else has it or it is done."""
        copies.check(self.clockwork.store, self.clockwork.note)
        match task.kind:
            case TaskKind.feed:
                self._drain(partial(self.feeds.do_one, task.key))
            case TaskKind.edition:
                self._drain(partial(cut_some, self.clockwork.store, self.clockwork.note))
            case TaskKind.batch:
                self._drain(partial(self.letters.do_one, int(task.key)))
        if task.kind is not TaskKind.feed:
            editions.finish_editions(self.clockwork.store, now=now)

    def everything(self, now: datetime) -> list[Released]:
        """One whole pass: releases, feeds, pings, editions, letters."""
        done = self.clockwork.wake(now)
        self.write_feeds()
        self.ping_hubs()
        self.send_letters(now)
        return done

    def _drain(self, step: Callable[[], bool]) -> int:
        steps = 0
        while not self.stopping() and step():
            steps += 1
        return steps
