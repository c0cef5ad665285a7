"""What a plan of 1,000 posts costs: assigning moments, previewing a ripple, writing it. Run by hand, `make bench`.

The baseline of the same run is a bare loop over as many datetimes, since these machines are noisy.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from db import installation, migrate
from db import series as all_series
from db.engine import Store, open_store
from db.states import StoreKind
from importers.values import Place, PostSource
from scheduler.cadence import Cadence, daily, parse_words
from scheduler.edit import AddBlackout, Insert, apply, load, preview, proposing
from scheduler.intake import NewSeries, create_series, take_in
from scheduler.plan import Placed, Plan, settle

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLOOR = NOW.replace(tzinfo=None)
POSTS = 1000
JULY = AddBlackout(date(2026, 7, 1), date(2026, 7, 31), "July")
RUNS = 15
HOLIDAYS = "every day at 07:00 from 1 March 2026, not on holidays of DE-BE, closed 1 to 14 August 2026 (summer)"


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of several runs."""
    taken = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return min(taken)


def baseline() -> list[datetime]:
    moment = FLOOR
    return [moment := moment + timedelta(days=1) for _ in range(POSTS)]


def a_plan(cadence: Cadence) -> Plan:
    posts = (Placed(key, f"c{key}", f"Chapter {key}", str(key), "planned") for key in range(POSTS))
    return settle(Plan("Europe/Berlin", cadence, tuple(posts)), floor=FLOOR)


def tell(what: str, took: float, base: float) -> None:
    print(f"{what:48} {took:8.2f} ms  {took / base:7.1f} x the baseline")


def in_memory() -> None:
    base = best(baseline)
    print(f"baseline, {POSTS} datetimes: {base:.2f} ms")
    plain, closed = daily(clock(7), date(2026, 3, 1)), parse_words(HOLIDAYS)
    for name, cadence in (("daily", plain), ("daily with holidays and a blackout", closed)):
        tell(f"assign, {name}", best(lambda cadence=cadence: a_plan(cadence)), base)
        plan = a_plan(cadence)
        moved = preview(plan, JULY, now=NOW).diff.moves
        tell(f"preview of a blackout that moves {moved}", best(lambda plan=plan: preview(plan, JULY, now=NOW)), base)
    draft = replace(plan.posts[0], key=-1, slug="extra", number="0", state="draft", wall=None, due_at=None)
    with_draft = replace(plan, posts=(*plan.posts, draft))
    insert = Insert("extra", before="c0")
    tell("preview of an insertion that moves all", best(lambda: preview(with_draft, insert, now=NOW)), base)


def in_a_store(store: Store) -> None:
    sources = [a_source(number) for number in range(POSTS)]
    with store.writing() as session:
        installation.create(session, database="x", kind=StoreKind.live, domain="example.org", now=NOW)
        series = create_series(session, slug="long", title="Long", zone="Europe/Berlin", language="en", now=NOW)
        series.cadence = parse_words(HOLIDAYS).to_json()
    begin = time.perf_counter()
    with store.writing() as session:
        take_in(session, sources, slug="long", defaults=NewSeries("UTC", "en"), now=NOW)
    print(f"import of {POSTS} posts into SQLite: {(time.perf_counter() - begin) * 1000:.0f} ms")
    proposal = proposing(JULY)
    begin = time.perf_counter()
    with store.reading() as session:
        row = all_series.by_slug(session, "long")
        plan = load(session, row)
        read = time.perf_counter()
        thought = proposal(session, row, NOW)
    previewed = time.perf_counter()
    with store.writing() as session:
        apply(session, row.id, proposal, version=row.version, hash=thought.diff.hash, actor="bench", now=NOW)
    print(f"reading a plan of {len(plan.posts)}: {(read - begin) * 1000:.0f} ms")
    print(f"reading and previewing it: {(previewed - read) * 1000:.0f} ms")
    print(f"applying {thought.diff.moves} moves: {(time.perf_counter() - previewed) * 1000:.0f} ms")


def a_source(number: int) -> PostSource:
    return PostSource(
        series=None, number=str(number), title=f"Chapter {number}", summary="…", slug=f"c{number}", wall=None, tags=(),
        author=None, draft=False, id=None, body="Words.", media=(), place=Place("listing.csv", number),
    )  # fmt: skip


def main() -> None:
    in_memory()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'store.db'}")
        migrate.upgrade(store)
        in_a_store(store)
        store.close()


if __name__ == "__main__":
    main()
