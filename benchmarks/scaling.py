"""A day of a house of many series, as much of it as this machine can do: run by hand, `make scaling`.

Every series has a chapter that is due at noon, every subscriber reads three of them, in one of 40 zones, by a digest at
07:00. The day is lived for real on a store of each database, with letters to a relay that takes everything: what it
wrote is counted by table, what each step took by the processor. Then the same is told for 10,000,000 subscribers and
10,000 series: what grows with readers is multiplied, and how many different letters there are is drawn by lot.

`scaling.py 20000 200` lives the day of so many subscribers and series instead.
"""

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from databases import both, new_url
from letters import taker
from readers import EUROPE, MORNING, RELEASE, a_series, read
from sqlalchemy import func, insert, select, text
from writes import WriteTimes

from db.checkpoints import checkpointing
from db.engine import Store
from db.states import Frequency, StoreKind, SubscriptionState
from db.tables import Base, Subscription
from fascicle.app import opened, working
from fascicle.config import read_config
from fascicle.founding import init_store
from fascicle.heap import settle
from fascicle.logs import set_up_logs
from fascicle.sample import write_sample
from scheduler.cutting import cut_some
from scheduler.editions import plan_due_digest
from scheduler.passes import Passes

READS = 3
"""Series that a subscriber reads."""
FEW, SOME = (4_000, 40), (20_000, 200)
MANY = (10_000_000, 10_000)
TOLD = ("subscribers", "subscriptions", "editions", "batches", "variants", "deliveries", "delivery_marks")


@dataclass(frozen=True)
class Day:
    """What a day took: seconds of processor by step, write transactions, and rows and bytes by table."""

    cpu: dict[str, float]
    writes: int
    longest: float
    rows: dict[str, int]
    size: dict[str, int]


def fill(store: Store, subscribers: int, series: int) -> None:
    ids = [a_series(store, f"series-{number}") for number in range(1, series + 1)]
    read(store, ids[0], Frequency.daily, many=subscribers, zones=EUROPE)
    lots = random.Random(1)
    weights = popularity(series)[1:]
    made = MORNING - timedelta(days=2)
    row = {"frequency": Frequency.daily, "state": SubscriptionState.active, "watermark": 0, "created_at": made}
    with store.writing() as session:
        for first in range(0, subscribers, 5000):
            rows = [
                {**row, "subscriber_id": reader, "series_id": one}
                for reader in range(first + 1, min(first + 5000, subscribers) + 1)
                for one in drawn(lots, ids[1:], weights, READS - 1)
            ]
            session.execute(insert(Subscription), rows)


def popularity(series: int) -> list[float]:
    """The n-th series has one n-th of the readers of the first (Zipf)."""
    return [1 / number for number in range(1, series + 1)]


def drawn(lots: random.Random, ids: Sequence[int], weights: Sequence[float], many: int) -> list[int]:
    """So many different ones."""
    found: set[int] = set()
    while len(found) < many:
        found.update(lots.choices(ids, weights, k=many - len(found)))
    return sorted(found)


def live(passes: Passes, note: Path) -> Day:
    store = passes.clockwork.store
    writes, cpu = WriteTimes(store), {}
    cpu["release"] = spent(lambda: passes.clockwork.release(RELEASE))
    cpu["feeds"] = spent(passes.write_feeds)
    cpu["plan"] = spent(lambda: planned(store, note))
    cpu["letters"] = spent(lambda: passes.send_letters(MORNING))
    made = {table.name: counted(store, table.name) for table in Base.metadata.sorted_tables}
    sizes = {table.name: size(store, table.name) for table in Base.metadata.sorted_tables}
    return Day(cpu, sum(map(len, writes.took.values())), writes.longest(), made, sizes)


def planned(store: Store, note: Path) -> None:
    while plan_due_digest(store, now=MORNING):
        pass
    while cut_some(store, note):
        pass


def spent(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def counted(store: Store, table: str) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(text(table))) or 0


def size(store: Store, table: str) -> int:
    """Bytes of a table with its indexes."""
    if store.is_sqlite:
        asked = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = :table)"
    else:
        asked = "SELECT pg_total_relation_size(CAST(:table AS regclass))"
    with store.reading() as session:
        return int(session.scalar(text(asked), {"table": table}) or 0)


def a_day(url: str, subscribers: int, series: int, port: int) -> Day:
    with TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FASCICLE_RELAYS__MAIN__PORT"], os.environ["FASCICLE_DATABASE"] = str(port), url
        write_sample(folder / "config.yaml")
        config = read_config(folder / "config.yaml")
        init_store(config, kind=StoreKind.live, now=RELEASE - timedelta(days=2))
        with opened(config) as app:
            fill(app.store, subscribers, series)
            settle()
            serving = working(app, stopping=Event(), calendar=lambda: MORNING)
            with checkpointing(app.store), serving as passes:
                return live(passes, config.node_file)


def told(kind: str, day: Day, subscribers: int, series: int) -> None:
    letters = day.rows["deliveries"]
    print(f"\n{kind}: {subscribers:,} subscribers, {series:,} series, {letters:,} letters")
    cpu = ", ".join(f"{step} {took:.1f} s" for step, took in day.cpu.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  processor: {cpu}; a letter {day.cpu['letters'] / letters * 1e6:.0f} µs; memory up to {peak:.0f} MB")
    print(f"  {day.writes:,} writes, the longest {day.longest:.0f} ms")
    for table in TOLD:
        rows = day.rows[table]
        each = day.size[table] / rows if rows else 0
        print(f"  {table:15} {rows:9,} rows, {rows / subscribers:6.3f} a subscriber, {each:7,.0f} bytes each")


def on_paper(day: Day, subscribers: int) -> None:
    """What grows with readers, at the size that is asked for."""
    more = MANY[0] / subscribers
    print(f"  at {MANY[0]:,} subscribers:")
    for table in ("subscribers", "subscriptions", "deliveries", "delivery_marks"):
        print(f"    {table:15} {day.rows[table] * more:13,.0f} rows, {day.size[table] * more / 1e9:6.1f} GB")
    hours = day.cpu["letters"] * more / 3600
    print(f"    letters of a day {hours:.1f} h of one processor, {day.writes * more:,.0f} writes")


def contents(subscribers: int, series: int, zones: int) -> int:
    """How many different letters there are, drawn by lot: what differs is rendered and kept once for each edition."""
    lots = random.Random(2)
    names = range(series)
    weights = popularity(series)
    bounds = [sum(weights[:1])]
    for weight in weights[1:]:
        bounds.append(bounds[-1] + weight)
    each = subscribers // zones
    found = 0
    for _ in range(3):
        picks = lots.choices(names, cum_weights=bounds, k=each * READS)
        found += len({tuple(sorted(set(picks[at : at + READS]))) for at in range(0, len(picks), READS)})
    return found * zones // 3


def main(sizes: Sequence[tuple[int, int]]) -> None:
    set_up_logs("warning")
    with both() as places, taker() as port:
        for kind, place in places.items():
            for subscribers, series in sizes:
                day = a_day(new_url(place), subscribers, series, port)
                told(kind, day, subscribers, series)
                on_paper(day, subscribers)
    for subscribers, series in (*sizes, MANY):
        different = contents(subscribers, series, len(EUROPE))
        share = different / subscribers
        print(
            f"{subscribers:,} subscribers of {series:,} series: {different:,} different letters, {share:.2f} a reader"
        )


if __name__ == "__main__":
    main([(int(sys.argv[1]), int(sys.argv[2]))] if sys.argv[2:] else (FEW, SOME))
