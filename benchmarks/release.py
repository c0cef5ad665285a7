"""How fast 10,000 posts that are due at one instant are released: run by hand, `make bench`.

Each series has a reader who gets letters at once, so that releases make editions too. Each case is measured beside a
bare executemany of the same rows on the same kind of database: the driver alone, an UPDATE and an INSERT for each post,
in one transaction. `--profile` shows where the time goes.
"""

import cProfile
import io
import os
import pstats
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from databases import both, new_store, plan, read_at_once
from sqlalchemy import event, func, select

from db.engine import Store
from db.tables import Release
from fascicle.logs import set_up_logs
from scheduler.release import Rules, release_due

POSTS = 10_000
CASES = (1, 100, 1000)
"""Over how many series the posts are spread."""
RUNS = 3
DUE = datetime(2026, 3, 5, 7, tzinfo=UTC)
NOW = DUE + timedelta(milliseconds=5)


def due_in(series: int) -> list[list[datetime]]:
    return [[DUE] * (POSTS // series) for _ in range(series)]


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare(place: str, series: int) -> float:
    """Seconds of the driver's executemany for the rows that the releases need."""
    with new_store(place) as store:
        plan(store, due_in(series))
        rows = [(number, post) for number in range(1, series + 1) for post in range(1, POSTS // series + 1)]
        updates = [("released", seq, post) for post, (_, seq) in enumerate(rows, 1)]
        at = [moment.replace(tzinfo=None) if store.is_sqlite else moment for moment in (DUE, NOW)]
        moments = [str(moment) for moment in at] if store.is_sqlite else at
        inserts = [(post, number, seq, *moments, 5, False) for post, (number, seq) in enumerate(rows, 1)]
        return seconds(lambda: _write(store, updates, inserts))


def _write(store: Store, updates: list[tuple[Any, ...]], inserts: list[tuple[Any, ...]]) -> None:
    mark = "?" if store.is_sqlite else "%s"
    update = "UPDATE posts SET state = ?, seq = ? WHERE id = ?"
    columns = "post_id, series_id, seq, planned_at, released_at, lateness_ms, silent"
    insert = f"INSERT INTO releases ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if store.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(update.replace("?", mark), updates)
        cursor.executemany(insert.replace("?", mark), inserts)
        connection.commit()
    finally:
        connection.close()


class Transactions:
    """How long each write transaction of a store takes, from its BEGIN to after its COMMIT, in seconds."""

    def __init__(self, store: Store) -> None:
        self.took: list[float] = []
        self._begin = 0.0
        event.listen(store.engine, "begin", self._begun)
        event.listen(store.engine, "commit", self._committed)

    def _begun(self, _connection: object) -> None:
        self._begin = time.perf_counter()

    def _committed(self, _connection: object) -> None:
        self.took.append(time.perf_counter() - self._begin)


def ours(place: str, series: int, *, level: str = "info") -> tuple[float, list[float]]:
    """Seconds until all is released and logged (to nowhere), and of each transaction."""
    with new_store(place) as store:
        plan(store, due_in(series))
        read_at_once(store, series)
        told = Transactions(store)
        took = seconds(lambda: _release(store, level))
        with store.reading() as session:
            assert session.scalar(select(func.count()).select_from(Release)) == POSTS
        return took, told.took


def _release(store: Store, level: str) -> None:
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        set_up_logs(level)
        done = release_due(store, now=NOW, rules=Rules())
    assert len(done) == POSTS


def profile(place: str, series: int) -> None:
    with new_store(place) as store:
        plan(store, due_in(series))
        read_at_once(store, series)
        profiler = cProfile.Profile()
        profiler.runcall(_release, store, "info")
    shown = io.StringIO()
    pstats.Stats(profiler, stream=shown).sort_stats("tottime").print_stats(30)
    print(shown.getvalue())


def main() -> None:
    with both() as places:
        for kind, place in places.items():
            for series in CASES:
                if "--profile" in sys.argv:
                    print(f"{kind}, {series} series")
                    profile(place, series)
                    continue
                base = min(bare(place, series) for _ in range(RUNS))
                runs = [ours(place, series) for _ in range(RUNS)]
                took, each = min(run[0] for run in runs), sorted(one for run in runs for one in run[1])
                unlogged = min(ours(place, series, level="warning")[0] for _ in range(RUNS))
                print(
                    f"{kind}, {series} series x {POSTS // series} posts: {took:.2f} s (best of {RUNS}), "
                    f"{took / base:.1f} x bare executemany ({base:.2f} s); without log lines {unlogged:.2f} s; "
                    f"transactions: p90 {each[len(each) * 9 // 10] * 1000:.0f} ms, longest {each[-1] * 1000:.0f} ms"
                )


if __name__ == "__main__":
    main()
