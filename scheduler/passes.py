"""The one-pass functions that the clock, the commands and a replay share: what is due at a moment is done, and no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from db import posts
from db.engine import Store
from scheduler import copies, editions
from scheduler.release import Released, Rules, release_due
from scheduler.work import FeedWriter, LetterSender


@dataclass(frozen=True)
class Passes:
    """Everything that moves a store forward. Each pass first makes sure that this store is not a copy."""

    store: Store
    note: Path
    rules: Rules
    feeds: FeedWriter
    letters: LetterSender
    stopping: Callable[[], bool] = field(default=lambda: False)

    def release(self, now: datetime) -> list[Released]:
        copies.check(self.store, self.note)
        return release_due(self.store, now=now, rules=self.rules)

    def open_editions(self, now: datetime) -> None:
        """Plan the digests that are due at `now`, and open every edition that is planned."""
        while editions.plan_due_digest(self.store, now=now):
            pass
        while editions.open_edition(self.store, self.note):
            pass

    def write_feeds(self) -> int:
        """Write the documents that are behind; gives how many topics were worked on."""
        return self._drain(self.feeds.do_one)

    def send_letters(self, now: datetime) -> int:
        """Send what can be sent this moment, and close the editions that are through; gives how many steps it took."""
        copies.check(self.store, self.note)
        steps = self._drain(self.letters.do_one)
        editions.finish_editions(self.store, now=now)
        return steps

    def wake(self, now: datetime) -> list[Released]:
        """The clock's part: releases before editions."""
        done = self.release(now)
        self.open_editions(now)
        return done

    def everything(self, now: datetime) -> list[Released]:
        """One whole pass: releases, feeds, editions, letters."""
        done = self.wake(now)
        self.write_feeds()
        self.send_letters(now)
        return done

    def next_due_at(self) -> datetime | None:
        """When the clock has to wake next; may lie in the past."""
        with self.store.reading() as session:
            return next_due_at(session)

    def _drain(self, step: Callable[[], bool]) -> int:
        steps = 0
        while not self.stopping() and step():
            steps += 1
        return steps


def next_due_at(session: Session) -> datetime | None:
    dues = [posts.next_due_at(session), editions.next_due_at(session)]
    return min((due for due in dues if due is not None), default=None)
