"""How often feeds are asked for, counted in memory and written now and then: an answer shall wait for no row."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from db import feed_requests
from db.engine import Store
from db.errors import StoreBusy, StoreUnreachable
from db.feed_requests import Asked
from db.states import FeedAnswer
from timing.repeating import repeating

log = structlog.get_logger()

EVERY = 30.0
"""Seconds between two writes; what is counted in so many is lost when the program is killed."""
_ANSWERS = {200: FeedAnswer.whole, 304: FeedAnswer.unchanged}


class FeedCounter:
    """Of this process, for all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[Asked] = Counter()

    def note(self, status: int, now: datetime) -> None:
        """Somebody asked for a feed `now`, and got an answer of this status."""
        answer = _ANSWERS.get(status)
        if answer is not None:
            hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            with self._lock:
                self._counted[Asked(hour, answer)] += 1

    def keep(self, store: Store) -> None:
        """Write what was counted since the last time; what cannot be written is kept for the next."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            with store.writing() as session:
                feed_requests.add(session, counted)
        except (StoreBusy, StoreUnreachable) as error:
            log.warning("requests for feeds not written", problem=str(error))
            with self._lock:
                self._counted += counted


@contextmanager
def kept(counter: FeedCounter, store: Store, every: float = EVERY) -> Iterator[None]:
    """Write what is counted until the block ends, on a thread of its own, and the rest then."""
    try:
        with repeating(lambda: counter.keep(store), every=every, name="requests for feeds"):
            yield
    finally:
        counter.keep(store)
