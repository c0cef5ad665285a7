"""Four workers as processes, each as if on a machine of its own, and an edition for all of them."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.engine import URL, make_url

from db.engine import Store
from db.states import DeliveryState, EditionState, Frequency, SubscriberState, SubscriptionState
from db.tables import Batch, Delivery, Edition, Subscriber, Subscription
from tests.making import NOON

LEASE = 15
"""Seconds, instead of the many minutes that a test cannot wait for."""
AT_ONCE = 5000
_SERVE = f"""
import sys
from datetime import timedelta
from scheduler import heartbeat, sending
heartbeat.LEASE = sending.LEASE = timedelta(seconds={LEASE})
heartbeat.BEAT, heartbeat.MARGIN = 2.0, timedelta(seconds=4)
from fascicle.cli import main
main()
"""


@dataclass
class Fleet:
    """Workers by name, the store they share, and the file in which their relay writes down what it took."""

    folder: Path
    store: Store
    url: URL
    taken: Path
    workers: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, url: URL) -> None:
        """A worker with a folder of its own, and with this way to the store."""
        home = self.folder / name
        home.mkdir()
        for file in ("config.yaml", "secret.key"):
            (home / file).write_bytes((self.folder / file).read_bytes())
            (home / file).chmod(0o600)
        env = {**os.environ, "FASCICLE_DATABASE": url.render_as_string(hide_password=False)}
        with (home / "log").open("w") as log:
            command = [sys.executable, "-c", _SERVE, "serve", "--roles", "worker"]
            self.workers[name] = subprocess.Popen(command, cwd=home, env=env, stderr=log)

    def held_by(self, name: str) -> int | None:
        """The batch that a worker is in the middle of: it has the lease, and letters of it are sent."""
        sent = select(Delivery.id).where(Delivery.batch_id == Batch.id, Delivery.state == DeliveryState.sent).exists()
        mine = Batch.lease_owner.contains(f"/{name}/"), Batch.lease_until.is_not(None), sent
        with self.store.reading() as session:
            return session.scalar(select(Batch.id).where(*mine))

    def is_with(self, name: str, batch_id: int) -> bool:
        """Whether this worker has the lease of a batch, though it may be over."""
        batch = self._batch(batch_id)
        return batch.lease_until is not None and not self.was_taken_over(batch_id, name)

    def was_taken_over(self, batch_id: int, name: str) -> bool:
        """Whether somebody else had the lease of a batch last."""
        return f"/{name}/" not in (self._batch(batch_id).lease_owner or "")

    def _batch(self, batch_id: int) -> Batch:
        with self.store.reading() as session:
            return session.get_one(Batch, batch_id)

    def is_finished(self) -> bool:
        with self.store.reading() as session:
            return session.scalars(select(Edition.state)).one() == EditionState.finished

    def stop(self, name: str) -> int:
        self.workers[name].send_signal(signal.SIGTERM)
        return self.workers[name].wait(60)

    def kill_all(self) -> None:
        """Whoever is still there, at the end of a test."""
        for worker in self.workers.values():
            worker.kill()
            worker.wait()

    def states(self) -> dict[str, int]:
        with self.store.reading() as session:
            return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())  # type: ignore[arg-type]

    def ever_in_doubt(self) -> set[str]:
        with self.store.reading() as session:
            return set(session.scalars(select(Delivery.address).where(Delivery.ever_in_doubt)))

    def received(self) -> Counter[tuple[str, str]]:
        """How often the relay took each letter: its recipient and the hash of its bytes."""
        counted: Counter[tuple[str, str]] = Counter()
        for line in self.taken.read_text().splitlines():
            recipient, digest = line.split()
            counted[recipient, digest] += 1
        return counted


def fill(store: Store, series_id: int, size: int) -> None:
    """So many readers who want each post at once."""
    for begin in range(1, size + 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, size + 1))
        with store.writing() as session:
            session.execute(insert(Subscriber), [_reader(number) for number in numbers])
            session.execute(insert(Subscription), [_subscription(number, series_id) for number in numbers])


def _reader(number: int) -> dict[str, object]:
    address = f"reader{number}@example.org"
    names = {"address": address, "address_key": address, "fingerprint": address, "name": f"Reader {number}"}
    place = {"zone": "UTC", "hour": 7, "language": "en", "state": SubscriberState.active, "created_at": NOON}
    return {"id": number, **names, **place}


def _subscription(number: int, series_id: int) -> dict[str, object]:
    ids = {"subscriber_id": number, "series_id": series_id, "watermark": 0, "created_at": NOON}
    return {**ids, "frequency": Frequency.instant, "state": SubscriptionState.active}


def until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for what other processes do; fails after so long."""
    assert came(condition, seconds), "it did not come"


def came(condition: Callable[[], object], seconds: float) -> bool:
    """Whether it came within so long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def counting_relay(taken: Path) -> Iterator[int]:
    """The port of a relay in a process of its own."""
    command = [sys.executable, "-m", "tests.fleet.counting", str(taken)]
    with ExitStack() as stack:
        child = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(child.kill)
        assert child.stdout
        yield int(child.stdout.readline())


def through(url: str, port: int) -> URL:
    """The same database at a port of this machine."""
    # The server waits as long as the leases of this test, instead of a minute, for who falls silent in mid transaction.
    patience = {"options": f"-c idle_in_transaction_session_timeout={LEASE}s"}
    return make_url(url).set(host="127.0.0.1", port=port, query=patience)
