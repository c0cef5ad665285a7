"""One process that sends what is due in a store: `benchmarks/mailing.py` starts one or two of these for each case.

Says `ready`, waits for a line, and then says when it began and ended, what CPU it took, and its memory at most.
"""

import cProfile
import gc
import json
import os
import pstats
import sys
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from house import house
from sqlalchemy import event, select
from wire import peak_mb

from db.engine import Store, open_store
from db.states import BatchState, InDoubtPolicy
from db.tables import Batch
from fascicle.logs import set_up_logs
from mail.courier import Courier
from mail.dkim import Signer
from mail.dkim_keys import Key
from mail.opening import RelaySettings
from mail.pace import Limits, Pace
from scheduler.sending import LetterSender
from timing.clocks import machine_now


def signer(kind: str) -> Signer | None:
    private: Any = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "none": lambda: None,
    }[kind]()
    since = datetime(2020, 1, 1, tzinfo=UTC)
    key = Key(domain="example.org", selector="bench", private=private, since=since, until=None)
    return Signer((key,)) if private else None


def full(store: Store) -> None:
    """Have SQLite wait for the disk at each commit."""

    def connected(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=FULL")

    event.listen(store.engine, "connect", connected)


def waits(store: Store) -> bool:
    """Whether letters wait for their turn; rests a moment then."""
    with store.reading() as session:
        waiting = session.scalar(select(Batch.id).where(Batch.state == BatchState.ready).limit(1)) is not None
    if waiting:
        time.sleep(0.02)
    return waiting


def limits_of(words: dict[str, str]) -> Limits:
    relays = {"main": Pace.of(words["relay"])} if "relay" in words else {}
    return Limits(relays=relays, domains={"example.org": Pace.of(words["domain"])} if "domain" in words else {})


def send(task: dict[str, Any], store: Store) -> None:
    relay = RelaySettings("127.0.0.1", task["port"], "none", None, None, "main")
    limits = limits_of(task["limits"])
    courier = Courier(
        [relay], sender="post@example.org", connections=task["connections"], stopping=Event(), limits=limits
    )
    work = LetterSender(
        store=store,
        courier=courier,
        house=replace(house(), signer=signer(task["dkim"])),
        owner=f"bench-{os.getpid()}",
        machine=machine_now,
        calendar=machine_now,
        policy=InDoubtPolicy.resend,
        note=Path(tempfile.mkdtemp(prefix="fascicle-bench-")) / "node.json",
    )
    gc.collect()
    gc.freeze()  # as the program does when it has started
    print("ready", flush=True)
    sys.stdin.readline()
    begin, cpu = time.time(), time.process_time()
    while work.do_one() or waits(store):
        pass
    end, used = time.time(), time.process_time() - cpu
    courier.close()
    print(json.dumps({"begin": begin, "end": end, "cpu": used, "peak_mb": peak_mb()}), flush=True)


def main() -> None:
    task = json.loads(sys.argv[1])
    store = open_store(task["url"])
    if task["full"]:
        full(store)
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        set_up_logs("info")
        if profile := task.get("profile"):
            profiler = cProfile.Profile()
            profiler.runcall(send, task, store)
            with Path(profile).open("w") as file:
                pstats.Stats(profiler, stream=file).sort_stats("tottime").print_stats(45)
        else:
            send(task, store)
    store.close()


if __name__ == "__main__":
    main()
