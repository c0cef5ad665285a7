"""The worker's steps for feeds. Each finds one thing to do, claims it, does it, and says whether there may be more."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from db import feed_work
from db.engine import Store
from feeds.publish import LeaseLost, Published, Publisher
from feeds.storage import StorageRefused
from scheduler.pings import Herald
from timing.clocks import Clock

log = structlog.get_logger()

FEED_LEASE = timedelta(minutes=2)
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
