"""How fast an edition for a million is planned, cut and claimed, and in how much memory: run by hand, `make bench`.

Each case is a store of its own and a process of its own, whose peak memory is told. Planning is all from the due digest
to batches that may go out; claiming goes through every batch as a worker does, as far as what each reader is owed, and
writes no letter. Beside planning stands a bare scan of the same ids by keyset. `editions.py 200000` takes so many
subscribers instead.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from databases import both, new_store
from readers import EUROPE, MORNING, RELEASE, a_series, read
from sqlalchemy import func, select, text
from writes import WriteTimes

from db import audience, batches
from db.batches import Lease
from db.engine import Store, open_store
from db.states import EditionState, Frequency
from db.tables import Batch, Edition, EditionCut
from scheduler import copies
from scheduler.cutting import BATCH, cut_some
from scheduler.editions import plan_due_digest
from scheduler.owed import owed_to
from scheduler.prepare import READERS
from scheduler.release import Rules, release_due

MANY = {"sqlite": 1_000_000, "postgresql": 200_000}
CASES = {
    "digest of one zone": (Frequency.daily, EUROPE[:1]),
    "digests of 40 zones": (Frequency.daily, EUROPE),
    "instant edition": (Frequency.instant, EUROPE),
}
LEASE = timedelta(minutes=15)


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def scan(store: Store) -> None:
    """The bare ids of all subscribers by keyset, as many at once as cutting takes."""
    page = text("SELECT id FROM subscribers WHERE id > :after ORDER BY id LIMIT 20000")
    last: int | None = 0
    with store.reading() as session:
        while last is not None:
            ids = session.connection().execute(page, {"after": last}).scalars().all()
            last = ids[-1] if ids else None


def plan(store: Store) -> None:
    while plan_due_digest(store, now=MORNING):
        pass


def cut(store: Store, note: Path) -> None:
    while cut_some(store, note):
        pass


def claim_all(store: Store) -> int:
    """Go through all batches that wait; gives how many readers are owed a letter."""
    owed = 0
    while True:
        with store.writing() as session:
            lease = batches.claim(session, owner="bench", now=MORNING, until=MORNING + LEASE)
        if lease is None:
            return owed
        owed += _owed_in(store, lease)
        with store.writing() as session:
            batches.finish(session, lease)


def _owed_in(store: Store, lease: Lease) -> int:
    owed = 0
    while True:
        with store.reading() as session:
            batch, edition = session.get_one(Batch, lease.batch_id), session.get_one(Edition, lease.edition_id)
            ids = audience.ids_after(session, edition, after=batch.cursor, limit=READERS, upto=batch.last)
            cuts = select(EditionCut.series_id, EditionCut.cut).where(EditionCut.edition_id == edition.id)
            owed += len(owed_to(session, edition, ids, cuts=dict(session.execute(cuts).all())))
        with store.writing() as session:
            batches.move_cursor(session, lease, ids[-1] if ids else batch.last)
        if not ids or ids[-1] == batch.last:
            return owed


def measure(url: str, folder: Path) -> dict[str, float]:
    """Seconds, the longest write in milliseconds, the peak of memory in MB; in a process of its own."""
    store = open_store(url)
    writes = WriteTimes(store)
    note = folder / "node.json"
    copies.check(store, note)
    took = {"scan": min(seconds(lambda: scan(store)) for _ in range(3))}
    took["release"] = seconds(lambda: release_due(store, now=RELEASE, rules=Rules()))
    took["plan"] = seconds(lambda: plan(store))
    took["cut"] = seconds(lambda: cut(store, note))
    took["longest write"] = writes.longest()
    with store.reading() as session:
        sending = select(func.count()).where(Edition.state == EditionState.sending)
        took["editions"] = session.scalar(sending) or 0
        took["batches"] = session.scalar(select(func.count()).select_from(Batch)) or 0
    begin = time.perf_counter()
    took["owed"] = claim_all(store)
    took["claim"] = time.perf_counter() - begin
    took["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    store.close()
    return took


def told(took: dict[str, float], many: int) -> str:
    planning = took["plan"] + took["cut"]
    return (
        f"{took['editions']:.0f} editions of {took['batches']:.0f} batches up to {BATCH}: planned in {planning:.2f} s "
        f"({took['plan']:.2f} + cutting {took['cut']:.2f}), {planning / took['scan']:.1f} x bare scan of the ids "
        f"({took['scan']:.2f} s); release {took['release'] * 1000:.0f} ms; "
        f"longest write {took['longest write']:.0f} ms; "
        f"claimed and owed {took['owed']:,.0f} of {many:,} in {took['claim']:.0f} s, "
        f"{took['owed'] / took['claim']:,.0f} readers a second; peak memory {took['memory']:.0f} MB"
    )


def main() -> None:
    asked = int(sys.argv[1]) if sys.argv[1:] else None
    with both() as places:
        for kind, place in places.items():
            many = asked or MANY[kind]
            for case, (frequency, zones) in CASES.items():
                with new_store(place) as store, TemporaryDirectory() as folder:
                    read(store, a_series(store, "primer"), frequency, many=many, zones=zones)
                    url = store.engine.url.render_as_string(hide_password=False)
                    words = [sys.executable, __file__, "--measure", url, folder]
                    said = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
                print(f"{kind}, {case}: {told(json.loads(said.splitlines()[-1]), many)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
