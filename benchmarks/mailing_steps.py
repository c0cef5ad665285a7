"""What each step on the way of a letter costs by itself: CPU of this process, a letter of 20 kB, groups of ten.

`make bench-mail` measures them together; this says where to look. `over the line` goes over ten connections to an
smtp-sink, with a ledger that keeps nothing. `--place URL` is another database server than SQLite's files.
"""

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from databases import new_store
from house import BODIES, house
from letters import DUE, read_by
from wire import sink

from db import batches, deliveries
from db.batches import Lease
from db.deliveries import Letter
from db.engine import Store
from fascicle.logs import set_up_logs
from mail.courier import Courier
from mail.ledger import Ended, Entry, Intend, Ledger
from mail.opening import RelaySettings
from mail.replies import Outcome, OutcomeKind
from scheduler.letters import bytes_of, render
from scheduler.passes import Clockwork
from scheduler.prepare import prepare
from scheduler.release import Rules
from timing.clocks import machine_now

BATCHES, LETTERS, TOGETHER = 4, 1000, 10
SENT = Outcome(OutcomeKind.sent, 250, "2.0.0 Ok: queued")


class Forgetful:
    """A ledger that allows all and keeps nothing."""

    store = None
    machine = None

    def write(self, entries: Sequence[Entry], *, again: bool = False) -> list[bool]:  # noqa: ARG002 - as in Ledger
        return [True] * len(entries)


@contextmanager
def cpu(step: str) -> Iterator[None]:
    begin = time.process_time()
    yield
    print(f"{step:28} {(time.process_time() - begin) / LETTERS * 1e6:6.1f} µs a letter", flush=True)


def claimed(store: Store, owner: str) -> Lease:
    now = machine_now()
    with store.writing() as session:
        lease = batches.claim(session, owner=owner, now=now, until=now + timedelta(hours=1))
    assert lease is not None
    return lease


def letters_of(store: Store, lease: Lease) -> list[Letter]:
    with store.reading() as session:
        return deliveries.to_try(session, lease.batch_id, now=machine_now(), resend=True, limit=LETTERS)


def written(ledger: Ledger, letters: Sequence[Letter]) -> None:
    """As over ten connections: with the intents of ten letters the outcomes of the ten before."""
    before: Sequence[Letter] = []
    for begin in range(0, len(letters), TOGETHER):
        group = letters[begin : begin + TOGETHER]
        assert all(ledger.write([*(Ended(one, SENT) for one in before), *(Intend(one) for one in group)]))
        before = group
    ledger.write([Ended(one, SENT) for one in before])


def measure(store: Store, courier: Courier, owner: str) -> None:
    home = house()

    def rendered(*given: Any) -> Any:
        return render(home, *given)

    lease = claimed(store, owner)
    with cpu("what is owed, into the ledger"):
        prepare(store, lease, rendered, now=machine_now())
    with cpu("reading it"):
        letters = letters_of(store, lease)
    with cpu("building the bytes"):
        messages = {letter.delivery.id: bytes_of(home, lambda *_: 0, letter) for letter in letters}
    build: Callable[[Letter], bytes] = lambda letter: messages[letter.delivery.id]  # noqa: E731 - one line says it
    with cpu("over the line"):
        courier.deliver(letters, Forgetful(), build, in_time=lambda: True)  # type: ignore[arg-type]
    with cpu("intents and outcomes"):
        written(Ledger(store, lease, machine_now), letters)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--place")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        sink() as port,
        new_store(asked.place or f"sqlite:///{folder}") as store,
    ):
        read_by(store, BATCHES * LETTERS, BODIES["20 kB"])
        relay = RelaySettings("127.0.0.1", port, "none", None, None, "main")
        courier = Courier([relay], sender="post@example.org", connections=10, stopping=Event())
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            set_up_logs("info")
            Clockwork(store, Path(folder) / "node.json", Rules()).wake(DUE)
        gc.collect()
        gc.freeze()
        for number in range(BATCHES):
            print("\nthe first batch, statements and templates being read:" if not number else "\nanother one:")
            measure(store, courier, f"bench-{number}")
        courier.close()


if __name__ == "__main__":
    main()
