"""How many letters a second go from an edition that was just released to a relay: run by hand, `make bench`.

End to end: claims, what is owed, building, ledger, SMTP over ten connections to a relay in a process of its own that
takes everything at once. Beside it, in the same run, the bare client's `sendmail` with the same bytes over as many
connections, without any ledger. `--profile` shows where the time goes.
"""

import asyncio
import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from threading import Event

import aiosmtplib
import uvloop
from databases import both, new_store
from house import BODIES, house
from letters import DUE, counted, read_by, taker
from sqlalchemy import select

from db.deliveries import Letter
from db.engine import Store
from db.states import InDoubtPolicy
from db.tables import Delivery, Edition, Variant
from fascicle.logs import set_up_logs
from mail.courier import Courier
from mail.opening import RelaySettings
from scheduler.letters import bytes_of
from scheduler.passes import Clockwork
from scheduler.release import Rules
from scheduler.sending import LetterSender
from timing.clocks import machine_now

LETTERS = int(os.environ.get("FASCICLE_BENCH_LETTERS", "5000"))
CONNECTIONS = 10


def sender(store: Store, courier: Courier, note: Path) -> LetterSender:
    return LetterSender(
        store=store,
        courier=courier,
        house=house(),
        owner="bench",
        machine=machine_now,
        calendar=machine_now,
        policy=InDoubtPolicy.resend,
        note=note,
    )


def a_courier(port: int) -> Courier:
    relay = RelaySettings("127.0.0.1", port, "none", None, None, "main")
    return Courier([relay], sender="post@example.org", connections=CONNECTIONS, stopping=Event())


def delivered(store: Store, port: int, folder: Path) -> tuple[float, float]:
    """Seconds, and seconds of this process's CPU, until the whole edition is sent."""
    clockwork = Clockwork(store, folder / "node.json", Rules())
    courier = a_courier(port)
    work = sender(store, courier, folder / "node.json")
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        set_up_logs("info")
        clockwork.wake(DUE)
        begin, cpu = time.perf_counter(), time.process_time()
        _measured(work)
        took, used = time.perf_counter() - begin, time.process_time() - cpu
    courier.close()
    assert counted(store) == {"sent": LETTERS}, counted(store)
    return took, used


def _measured(work: LetterSender) -> None:
    def drain() -> None:
        while work.do_one():
            pass

    if "--profile" in sys.argv:
        profiler = cProfile.Profile()
        profiler.runcall(drain)
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(40)
    else:
        drain()


def a_letter(store: Store) -> bytes:
    """The bytes of one that was sent."""
    with store.reading() as session:
        row = session.scalars(select(Delivery).limit(1)).one()
        letter = Letter(row, session.get_one(Variant, row.variant_id), session.get_one(Edition, row.edition_id).key)
        return bytes_of(house(), lambda *_: 0, letter)


def bare(port: int, message: bytes) -> float:
    """Seconds in which the bare client hands over as many letters of these bytes."""

    async def lane(waiting: list[int]) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        while waiting:
            await client.sendmail("post@example.org", [f"reader-{waiting.pop()}@example.org"], message)
        await client.quit()

    async def all_lanes() -> None:
        waiting = list(range(LETTERS))
        await asyncio.gather(*(lane(waiting) for _ in range(CONNECTIONS)))

    return _seconds(lambda: uvloop.run(all_lanes()))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    with both() as places, taker() as port:
        for size, body in BODIES.items():
            for kind, place in places.items():
                with new_store(place) as store, tempfile.TemporaryDirectory() as folder:
                    read_by(store, LETTERS, body)
                    took, cpu = delivered(store, port, Path(folder))
                    message = a_letter(store)
                base = bare(port, message)
                print(
                    f"{kind}, {size} ({len(message)} bytes): {LETTERS / took:.0f} letters/s, "
                    f"{cpu / LETTERS * 1e6:.0f} µs CPU each; bare sendmail {LETTERS / base:.0f}/s; "
                    f"ratio {base / took:.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
