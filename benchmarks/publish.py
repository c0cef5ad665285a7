"""What it costs to publish: run by hand, `make bench`.

Beside each cost stands that of feedgen making the same live feed from scratch, in two forms, without a database or a
disk. CPU is that of this process; what PostgreSQL does in its own is seen in the time that passes.
"""

import gc
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from databases import both, new_store
from released_posts import BODY, START, a_series, add, fill
from sqlalchemy import text

from db import published
from db import series as all_series
from db.engine import Store
from db.tables import Series
from feeds.archive import ARCHIVE, LEAST_LIVE
from feeds.document import document
from feeds.encode import Encoder
from feeds.entry import Entry, feedgen_entry
from feeds.feed import feedgen_feed
from feeds.form import Form
from feeds.publication import Publication
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from text.addresses import Addresses

CHAPTERS = 10_000
FEW, MANY, EACH = 10, 10_000, 10
"""Series of a small and of a large site, and posts in each."""
RUNS = 7
NOW = START + timedelta(days=2 * CHAPTERS)
SITE = Publication(
    addresses=Addresses("https://example.org"),
    title="My serials",
    author_name="A. Writer",
    author_email=None,
    language="en",
    hub="https://hub.example/",
)


class Cost(NamedTuple):
    """Milliseconds of the best run."""

    cpu: float
    passed: float

    def beside(self, base: float) -> str:
        return f"{self.cpu:.1f} ms of CPU ({self.cpu / base:.2f} x feedgen), {self.passed:.1f} ms pass"


def cost(work: Callable[[], object], *, runs: int = RUNS, before: Callable[[], object] = lambda: None) -> Cost:
    taken = []
    for _ in range(runs):
        before()
        gc.collect()
        cpu, passed = time.process_time_ns(), time.perf_counter_ns()
        work()
        taken.append(Cost((time.process_time_ns() - cpu) / 1e6, (time.perf_counter_ns() - passed) / 1e6))
    return min(taken)


class Desk:
    """A publisher with a folder of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.publisher = Publisher(store, DirectoryStorage(folder), SITE, lambda: NOW)

    def publish(self, topic: str) -> int:
        """Publish until the topic is through; gives in how many steps."""
        steps = 1
        while self.publisher.publish(topic, lambda: True).more:
            steps += 1
        return steps


@contextmanager
def a_desk(place: str, series: int, posts: int) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder, new_store(place) as store:
        fill(store, series, posts)
        if not store.is_sqlite:
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        yield Desk(store, Path(folder))


def scratch() -> float:
    """CPU milliseconds that feedgen takes for a live feed of as many posts as it may hold, as Atom and as RSS."""
    head = SITE.of_series(Series(**a_series(1, 0), subtitle="In parts", generation=1), archives=1)
    every = [_entry(number) for number in range(LEAST_LIVE + ARCHIVE - 1)]
    return cost(lambda: [_by_feedgen(form, head, every) for form in (Form.ATOM, Form.RSS)], runs=3).cpu


def _entry(number: int) -> Entry:
    moment = START + timedelta(days=number)
    return Entry(
        id=f"tag:example.org,2026:1-{number}",
        title=f"Chapter {number}",
        url=f"https://example.org/series-1/chapter-{number}/",
        author_name="A. Writer",
        published=moment,
        updated=moment,
        summary="What this chapter is about, in a sentence or two.",
        tags=("Rain",),
        language="en",
        content_html=BODY,
    )


def _by_feedgen(form: Form, head: Any, every: list[Entry]) -> bytes:
    feed = feedgen_feed(form, head, START, [])
    for entry in every:
        feed.add_entry(feedgen_entry(entry))
    return bytes(feed.atom_str() if form is Form.ATOM else feed.rss_str())


def long_series(kind: str, place: str, base: float) -> None:
    """One series of very many chapters: the first import, then one more chapter with and without an archive due."""
    # So many that the live feed holds all it may: with one more an archive is due.
    count = CHAPTERS - CHAPTERS % ARCHIVE + LEAST_LIVE - 1
    with a_desk(place, 1, count) as desk:
        begin, cpu = time.perf_counter(), time.process_time()
        steps = desk.publish("series:1")
        print(
            f"{kind}, first import of {count:,} chapters: {time.process_time() - cpu:.1f} s of CPU, "
            f"{time.perf_counter() - begin:.1f} s pass, {steps} steps"
        )
        joining(kind, desk, base)
        released(kind, desk, count, base)
        print(f"{kind}, nothing changed: {cost(lambda: desk.publish('series:1')).beside(base)}")
        print(f"{kind}, memory: {memory(desk):.2f} x the three documents")


def released(kind: str, desk: Desk, count: int, base: float) -> None:
    """One chapter after the other; the first of them makes an archive due."""
    numbers = iter(range(count + 1, count + ARCHIVE))

    def one_more() -> None:
        number = next(numbers)
        add(desk.store, 1, first=number - 1, seqs=range(number, number + 1))

    due = cost(lambda: desk.publish("series:1"), runs=1, before=one_more)
    print(f"{kind}, one release with an archive: {due.beside(base)}")
    plain = cost(lambda: desk.publish("series:1"), before=one_more)
    print(f"{kind}, one release: {plain.beside(base)}")
    for topic in ("all", "tag:rain"):
        mixed = cost(lambda topic=topic: desk.publish(topic), before=one_more)
        print(f"{kind}, one release, {topic}: {mixed.beside(base)}")


def joining(kind: str, desk: Desk, base: float) -> None:
    """The documents alone, when their pieces are at hand."""
    with desk.store.reading() as session:
        series = all_series.by_slug(session, "series-1")
        items = published.unarchived(session, series, limit=LEAST_LIVE + ARCHIVE)
    encoder, head = Encoder(desk.store, SITE), SITE.of_series(series, archives=1)
    for form in Form:
        got = cost(lambda form=form: encoder.pieces(items, form, mixed=False))
        pieces = encoder.pieces(items, form, mixed=False)
        joined = cost(lambda form=form, pieces=pieces: document(form, head, pieces))
        print(f"{kind}, {form} of {len(items)}: joining {joined.cpu:.2f} ms, kept entries read {got.beside(base)}")
    atom = encoder.pieces(items, Form.ATOM, mixed=False)
    archive = cost(lambda: document(Form.ATOM, SITE.of_archive(series, 1), atom[:ARCHIVE]))
    print(f"{kind}, archive of {ARCHIVE}: joining {archive.cpu:.2f} ms")


def memory(desk: Desk) -> float:
    desk.publish("series:1")
    tracemalloc.start()
    desk.publish("series:1")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    documents = [desk.publisher.storage.read(f"series-1/feed.{form}") for form in Form]
    return peak / sum(len(stored.body) for stored in documents if stored)


def wide_site(kind: str, place: str, base: float) -> None:
    """One release on a small and on a large site: topic by topic."""
    seen: dict[int, dict[str, Cost]] = {}
    for series in (FEW, MANY):
        with a_desk(place, series, EACH) as desk:
            seen[series] = _after_one_release(desk, series)
    for topic in seen[FEW]:
        few, many = seen[FEW][topic], seen[MANY][topic]
        print(
            f"{kind}, one release, {topic}: on {FEW} series {few.beside(base)}; on {MANY:,} {many.beside(base)}; "
            f"{many.cpu / few.cpu:.2f} x the CPU, {many.passed / few.passed:.2f} x the time"
        )


def _after_one_release(desk: Desk, series: int) -> dict[str, Cost]:
    topics = {"series": f"series:{series}", "its tag": f"tag:series-{series}", "a tag of all": "tag:rain", "all": "all"}
    numbers = iter(range(EACH + 1, 10_000))

    def one_more() -> None:
        number = next(numbers)
        add(desk.store, series, first=series * EACH + number, seqs=range(number, number + 1))

    for topic in topics.values():
        desk.publish(topic)
    return {name: cost(lambda topic=topic: desk.publish(topic), before=one_more) for name, topic in topics.items()}


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    base = scratch()
    print(f"feedgen from scratch, a live feed of {LEAST_LIVE + ARCHIVE - 1} as Atom and RSS: {base:.1f} ms of CPU")
    with both() as places:
        for kind, place in places.items():
            long_series(kind, place, base)
            wide_site(kind, place, base)


if __name__ == "__main__":
    main()
