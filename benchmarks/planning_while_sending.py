"""How long SQLite is held by each write while letters go out and a million more are planned: run by hand, `make bench`.

An instant edition is delivered to a relay in a process of its own, which takes everything; as soon as its first letters
are there, the digest of all the others is planned and cut beside it. The longest writes are told by thread, once while
letters go out alone and once while both go on. `planning_while_sending.py 200000` plans for so many instead.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from editions import cut, plan
from readers import EUROPE, MORNING, RELEASE, a_series, read
from sqlalchemy import func, select
from writes import WriteTimes

from db.checkpoints import checkpointing
from db.engine import Store
from db.states import DeliveryState, Frequency, StoreKind
from db.tables import Delivery
from fascicle.app import opened, working
from fascicle.config import read_config
from fascicle.founding import init_store
from fascicle.heap import settle
from fascicle.logs import set_up_logs
from fascicle.sample import write_sample
from scheduler.passes import Passes
from scheduler.release import Rules, release_due

MANY = 1_000_000
LETTERS = 6000
UNDER_WAY = 1000


class Relay:
    """Takes every letter, in words that leave no doubt; a thread for each connection."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def run(self) -> None:
        while True:
            Thread(target=self._talk, args=(self._socket.accept()[0],), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rwb") as lines:
            self._say(lines, b"220 here")
            while command := lines.readline().upper():
                if command.startswith(b"EHLO"):
                    self._say(lines, b"250-here\r\n250-PIPELINING\r\n250 8BITMIME")
                elif command.startswith(b"DATA"):
                    self._say(lines, b"354 go on")
                    while lines.readline() != b".\r\n":
                        pass
                    self._say(lines, b"250 2.0.0 taken")
                elif command.startswith(b"QUIT"):
                    return self._say(lines, b"221 bye")
                else:
                    self._say(lines, b"250 2.0.0 yes")
        return None

    def _say(self, lines, words: bytes) -> None:
        lines.write(words + b"\r\n")
        lines.flush()


@contextmanager
def relay() -> Iterator[int]:
    child = subprocess.Popen([sys.executable, __file__, "--relay"], stdout=subprocess.PIPE)
    assert child.stdout
    try:
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.communicate()


def fill(store: Store, many: int) -> None:
    """A million for the digest, and some thousands whose instant edition is due."""
    read(store, a_series(store, "primer"), Frequency.daily, many=many, zones=EUROPE[:1])
    read(store, a_series(store, "news"), Frequency.instant, many=LETTERS, zones=EUROPE[:1], first=many)
    release_due(store, now=RELEASE, rules=Rules())
    with store.engine.connect() as connection:  # a million rows at once are still in the log beside the file
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def sent(store: Store) -> int:
    with store.reading() as session:
        taken = select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.sent)
        return session.scalar(taken) or 0


def wait_for(store: Store, letters: int) -> None:
    while sent(store) < letters:
        time.sleep(0.05)


def measure(store: Store, passes: Passes, note: Path, stopping: Event) -> None:
    passes.clockwork.open_editions(RELEASE)
    alone = WriteTimes(store)
    sender = Thread(target=passes.send_letters, args=(MORNING,), name="worker")
    sender.start()
    wait_for(store, UNDER_WAY)
    print(f"letters alone: {told(alone)}")
    both, begin, before = WriteTimes(store), time.perf_counter(), sent(store)
    plan(store)
    cut(store, note)
    took = time.perf_counter() - begin
    meanwhile = sent(store) - before
    stopping.set()
    sender.join()
    print(f"planning in {took:.2f} s while {meanwhile} letters were sent: {told(both)}")


def told(writes: WriteTimes) -> str:
    lines = []
    for name, took in sorted(writes.took.items()):
        ranked = sorted(took)
        high, longest = ranked[len(ranked) * 99 // 100], ranked[-1]
        who = "planner" if name == threading.main_thread().name else name.partition("-")[0]
        lines.append(f"{who} {len(took)} writes, p99 {high:.1f} ms, longest {longest:.1f} ms")
    return "; ".join(lines)


def main(many: int) -> None:
    set_up_logs("warning")
    with TemporaryDirectory() as name, relay() as port:
        folder, stopping = Path(name), Event()
        os.environ["FASCICLE_RELAYS__MAIN__PORT"] = str(port)
        write_sample(folder / "config.yaml")
        config = read_config(folder / "config.yaml")
        init_store(config, kind=StoreKind.live, now=RELEASE)
        with opened(config) as app:
            fill(app.store, many)
            settle()
            serving = working(app, stopping=stopping, calendar=lambda: MORNING)
            with checkpointing(app.store), serving as passes:
                measure(app.store, passes, config.node_file, stopping)


if __name__ == "__main__":
    if sys.argv[1:] == ["--relay"]:
        taking = Relay()
        print(taking.port, flush=True)
        taking.run()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else MANY)
