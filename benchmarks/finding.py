"""Finding one reader among a million by how an address begins, and the pages of readers and figures beside it.

Run as: python benchmarks/finding.py [READERS]
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from databases import both, new_store
from sqlalchemy import insert, text

from db import finding
from db.engine import Store
from db.tables import Subscriber
from scheduler import going

SPAN = going.last_days(datetime(2026, 3, 6, 12, tzinfo=UTC), "Europe/Riga", count=30)
ASKED = ("m", "mia.k", "mia.klein.500000@mail7.example", "nobody@here")


def main(readers: int) -> None:
    with both() as places:
        for name, place in places.items():
            with new_store(place) as store:
                _fill(store, readers)
                for asked in ASKED:
                    _told(f"{name}: {readers:,} readers, {asked!r}", store, lambda s, a=asked: _found(s, a))
                _told(f"{name}: how many in each state", store, finding.count_by_state)
                _told(f"{name}: who came and went in 30 days", store, lambda s: going.growth(s, SPAN))


def _found(session: object, asked: str) -> object:
    return finding.by_beginning(session, asked, limit=51)  # type: ignore[arg-type]


def _fill(store: Store, readers: int) -> None:
    names = ("anna.berg", "jonas.weber", "mia.klein", "noah.fuchs", "zoe.adler")
    for begin in range(0, readers, 10_000):
        rows = [_row(number, names) for number in range(begin, min(begin + 10_000, readers))]
        with store.writing() as session:
            session.execute(insert(Subscriber), rows)
    with store.writing() as session:
        session.execute(text("ANALYZE"))


def _row(number: int, names: tuple[str, ...]) -> dict[str, object]:
    address = f"{names[number % 5]}.{number}@mail{number % 9}.example"
    return {
        "address": address,
        "address_key": address,
        "fingerprint": f"{number:064x}",
        "name": "",
        "zone": "Europe/Riga",
        "hour": 7,
        "language": "en",
        "format": "html",
        "state": "active",
        "created_at": datetime(2026, 3, 1 + number % 5, number % 24, number // 24 % 60, tzinfo=UTC),
    }


def _told(what: str, store: Store, ask: Callable[..., object]) -> None:
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        with store.reading() as session:
            ask(session)
        times.append((time.perf_counter() - begin) * 1000)
    print(f"{what:75} {statistics.median(times):9.2f} ms (most {max(times):.2f})", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
