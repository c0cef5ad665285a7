"""The heartbeat of a lease: it stays ours as long as we live, and no longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from db import batches
from db.batches import Lease
from db.engine import Store
from db.errors import StoreBusy, StoreUnreachable
from timing.clocks import Clock
from timing.repeating import repeating

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
"""How long after its last heartbeat a worker is taken for dead."""
BEAT = 20.0
"""Seconds between two heartbeats."""
MARGIN = timedelta(seconds=10)
"""A worker this near the end of its lease sends no further dot."""


class Heartbeat:
    """Renews one lease on a thread of its own, and knows on this machine's clock whether it is still in force."""

    def __init__(self, store: Store, lease: Lease, machine: Clock) -> None:
        self._store = store
        self._lease = lease
        self._machine = machine
        self._last_dot = lease.until - MARGIN
        self._lost = False

    def in_time(self) -> bool:
        """Whether another dot may go out. Asks nobody: a worker that was frozen learns it from its own clock."""
        return not self._lost and self._machine() <= self._last_dot

    def beat(self) -> None:
        """Renew the lease once. When the store is away nothing changes, and the lease runs out by itself."""
        until = self._machine() + LEASE
        try:
            held = self._renewed(until)
        except (StoreUnreachable, StoreBusy) as error:
            log.warning("lease not renewed", batch=self._lease.batch_id, problem=str(error))
            return
        if held:
            self._last_dot = until - MARGIN
        elif not self._lost:
            self._lost = True
            log.warning("lease lost", batch=self._lease.batch_id)

    @contextmanager
    def beating(self, every: float = BEAT) -> Iterator[None]:
        """Renew the lease every so many seconds until the block ends."""
        with repeating(self.beat, every=every, name="heartbeat"):
            yield

    def _renewed(self, until: datetime) -> bool:
        with self._store.writing(first=True) as session:
            return batches.renew(session, self._lease, until)
