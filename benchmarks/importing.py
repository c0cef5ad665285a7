"""How fast a list of a million readers is taken in, and in how much memory: run by hand, `make bench`.

Looking at all lines, taking them in, taking the same list in again, writing it out, in a process of its own whose peak
memory is told. A line a second is one of the list; CPU is that of the process, without PostgreSQL's.
`importing.py 20000` takes so many lines instead.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from databases import both, new_store
from writes import WriteTimes

from db.engine import Store, open_store
from fascicle.heap import settle
from mail.tokens import Tokens
from scheduler.intake import create_series
from scheduler.reader_export import everybody, rows_of
from scheduler.reader_import import ReaderImport, open_list
from scheduler.readers import ReaderDefaults

MANY = {"sqlite": 1_000_000, "postgresql": 200_000}
DOMAINS = [f"mail{number}.example.org" for number in range(500)]
ZONES = ("Europe/Riga", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")


def write_list(path: Path, many: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "name", "zone", "hour", "frequency", "series", "language"))
        for number in range(many):
            # In no order, as addresses are.
            email = f"reader{number * 7919 % many}@{DOMAINS[number % len(DOMAINS)]}"
            writer.writerow(
                (email, f"Reader {number}", ZONES[number % len(ZONES)], number % 24, "daily", "primer", "en")
            )


def took(what: Callable[[], Iterator[object]]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    begin, busy = time.perf_counter(), time.process_time()
    for _ in what():
        pass
    return time.perf_counter() - begin, time.process_time() - busy


def exported(store: Store) -> Iterator[dict[str, str]]:
    with store.reading() as session:
        for reader, held in everybody(session):
            yield from rows_of(reader, held)


def measure(url: str, path: Path) -> dict[str, Any]:
    """Seconds, the longest writes in milliseconds, the peak of memory in MB; in a process of its own."""
    store, tokens = open_store(url), Tokens(os.urandom(32))
    settle()
    writes = WriteTimes(store)
    readers = open_list(store, path, defaults=ReaderDefaults("UTC", "en"), skip_refused=False)

    def taken_in() -> Iterator[int]:
        job = ReaderImport(store, readers, tokens.fingerprint, now=datetime.now(UTC))
        return job.take_in(readers.rows())

    phases = {"looked at": took(readers.rows), "taken in": took(taken_in)}
    times = sorted(one for some in writes.took.values() for one in some)
    phases |= {"taken in again": took(taken_in), "written out": took(lambda: exported(store))}
    store.close()
    return {
        "phases": phases,
        "writes": [len(times), times[len(times) // 2], times[len(times) * 99 // 100], times[-1]],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def told(found: dict[str, Any], many: int) -> str:
    rates = [
        f"{what} {many / clock:,.0f} ({cpu / many * 1e6:.0f} µs CPU)" for what, (clock, cpu) in found["phases"].items()
    ]
    count, middle, late, longest = found["writes"]
    return (
        f"lines a second: {', '.join(rates)}; {count:,} writes of {middle:.0f} ms, p99 {late:.0f}, "
        f"longest {longest:.0f}; peak memory {found['memory']:.0f} MB"
    )


def main() -> None:
    with both() as places, TemporaryDirectory() as folder:
        for kind, place in places.items():
            many = int(sys.argv[1]) if sys.argv[1:] else MANY[kind]
            path = Path(folder) / f"{kind}.csv"
            write_list(path, many)
            with new_store(place) as store:
                with store.writing() as session:
                    now = datetime.now(UTC)
                    create_series(session, slug="primer", title="Primer", zone="UTC", language="en", now=now)
                url = store.engine.url.render_as_string(hide_password=False)
                words = [sys.executable, __file__, "--measure", url, str(path)]
                said = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
            print(f"{kind}, {many:,} lines: {told(json.loads(said.splitlines()[-1]), many)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
