"""The worker's steps. Each finds one thing to do, claims it, does it, and says whether there may be more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from db import batches, deliveries, feed_work
from db.batches import Lease
from db.deliveries import Letter
from db.engine import Store
from db.states import InDoubtPolicy
from db.tables import Edition
from feeds.publish import LeaseLost, Published, Publisher
from feeds.storage import StorageRefused
from mail.courier import Courier, Round
from mail.ledger import Ledger, recover
from mail.skeleton import Skeleton
from scheduler.letters import House, bytes_of, render
from scheduler.pings import Herald
from scheduler.prepare import Content, prepare
from timing.clocks import Clock

log = structlog.get_logger()

LEASE = timedelta(minutes=15)
"""Longer than the ten minutes that the reply to a dot may take (RFC 5321, 4.5.3.2.6)."""
FEED_LEASE = timedelta(minutes=2)
AT_ONCE = 200
RELAY_PAUSES = [timedelta(seconds=seconds) for seconds in (15, 60, 300, 900)]
IN_FLIGHT_PAUSE = timedelta(seconds=5)
FEED_PAUSES = [timedelta(seconds=seconds) for seconds in (2, 10, 60, 300)]


@dataclass(frozen=True)
class FeedWriter:
    """Writes the documents of one topic that is behind, then owes the hub a ping for its news when there is a hub."""

    store: Store
    publisher: Publisher
    owner: str
    machine: Clock
    herald: Herald | None = None

    def do_one(self, topic: str | None = None) -> bool:
        """Write the documents of the next topic, or of the one that is named if it is to be had."""
        now = self.machine()
        with self.store.writing() as session:
            claim = feed_work.claim(session, owner=self.owner, now=now, lease_until=now + FEED_LEASE, topic=topic)
        if claim is None:
            return False
        try:
            # Before the documents are made, so that what they hold is at least what the hub is told of.
            news = self._news(claim.topic)
            written = self.publisher.publish(claim.topic, partial(self._holds, claim))
        except StorageRefused as error:
            self._failed(claim, str(error))
        except LeaseLost:
            log.warning("feed left to another writer", topic=claim.topic)
        else:
            self._noted(claim, written, news)
        return True

    def _news(self, topic: str) -> int:
        if self.herald is None:
            return 0
        with self.store.reading() as session:
            return self.herald.news(session, topic)

    def _holds(self, claim: feed_work.Claim) -> bool:
        with self.store.reading() as session:
            return feed_work.holds(session, claim)

    def _noted(self, claim: feed_work.Claim, written: Published, news: int) -> None:
        with self.store.writing() as session:
            if written.more:
                feed_work.give_back(session, claim)
                return
            feed_work.done(session, claim)
            if self.herald:
                self.herald.want(session, written.paths, news=news)

    def _failed(self, claim: feed_work.Claim, problem: str) -> None:
        """Releases go on without the documents; they are wanted still and tried again."""
        log.error("feed not written", topic=claim.topic, problem=problem)
        with self.store.writing() as session:
            tries = feed_work.attempts(session, claim.topic)
            pause = FEED_PAUSES[min(tries, len(FEED_PAUSES) - 1)]
            feed_work.failed(session, claim, problem=problem, retry_at=self.machine() + pause)


@dataclass(frozen=True)
class LetterSender:
    """Sends one stretch of one batch."""

    store: Store
    courier: Courier
    house: House
    owner: str
    machine: Clock
    calendar: Clock
    policy: InDoubtPolicy
    counters: Callable[[int], int]

    def do_one(self, batch_id: int | None = None) -> bool:
        """Send a stretch of the next batch, or of the one that is named if it is to be had."""
        now = self.machine()
        with self.store.writing() as session:
            lease = batches.claim(session, owner=self.owner, now=now, until=now + LEASE, batch_id=batch_id)
            if lease is None:
                return False
            doubts = recover(session, lease, now=now)
        if doubts:
            log.warning("letters in doubt", batch=lease.batch_id, letters=doubts)
        self._work_on(lease)
        return True

    def _work_on(self, lease: Lease) -> None:
        letters = self._letters(lease)
        if not letters and prepare(self.store, lease, self._render, now=self.calendar()):
            letters = self._letters(lease)
            if not letters:  # nobody in this stretch is owed anything; the next one may be
                self._give_back(lease)
                return
        if not letters:
            self._close_or_wait(lease)
            return
        ledger = Ledger(self.store, lease, self.machine, self.policy)
        self._after(
            lease, self.courier.deliver(letters, ledger, lambda letter: bytes_of(self.house, self.counters, letter))
        )

    def _render(self, session: Session, edition: Edition, content: Content) -> Skeleton:
        return render(self.house, session, edition, content)

    def _letters(self, lease: Lease) -> list[Letter]:
        with self.store.reading() as session:
            resend = self.policy is InDoubtPolicy.resend
            return deliveries.to_try(session, lease.batch_id, now=self.machine(), resend=resend, limit=AT_ONCE)

    def _after(self, lease: Lease, result: Round) -> None:
        if result.trouble is None:
            self._give_back(lease)
            return
        log.error("relay down", problem=result.trouble)
        with self.store.writing() as session:
            tries = batches.attempts(session, lease)
            pause = RELAY_PAUSES[min(tries, len(RELAY_PAUSES) - 1)]
            batches.give_back(session, lease, retry_at=self.machine() + pause, problem=result.trouble)

    def _give_back(self, lease: Lease) -> None:
        with self.store.writing() as session:
            batches.give_back(session, lease)

    def _close_or_wait(self, lease: Lease) -> None:
        """Nothing can be tried now: the batch is finished, or waits for its next open letter."""
        resend = self.policy is InDoubtPolicy.resend
        with self.store.writing() as session:
            waiting = not batches.looked_at_all(session, lease)
            if not waiting and not deliveries.any_open(session, lease.batch_id, resend=resend):
                batches.finish(session, lease)
                return
            retry_at = deliveries.next_retry_at(session, lease.batch_id, resend=resend)
            batches.give_back(session, lease, retry_at=retry_at or self.machine() + IN_FLIGHT_PAUSE)
