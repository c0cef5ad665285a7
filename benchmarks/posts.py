"""The list of posts with 10,000 of them in 20 series: how long the server takes, first page and last, by each filter.

Run as: python benchmarks/posts.py
"""

import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from db import migrate
from db.engine import open_store
from db.states import Role
from db.tables import Revision
from scheduler.cadence import parse_words
from tests.making import a_house, a_series, a_source, taken_in
from tests.web.making import NOW, Shop
from tests.web.staff import Browser, a_browser_of

SERIES, POSTS = 20, 500
TEXT = "A paragraph of a usual length, in which somebody walks along the harbour and thinks of rain. " * 40


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    migrate.upgrade(store)
    a_house(store)
    shop = Shop(folder, store)
    last = _fill(shop)
    browser = a_browser_of(shop, Role.editor)
    for query in (
        "",
        f"?below={last // 2}",
        "?series=s7",
        "?state=waiting",
        "?state=released",
        "?q=harbour",
        "?q=lighthouse",
    ):
        _measure(browser, f"/operator/posts/{query}")
    store.close()


def _fill(shop: Shop) -> int:
    """The id of the last revision."""
    cadence = parse_words("daily at 07:00 from 1 March 2026").to_json()
    for number in range(SERIES):
        with shop.store.writing() as session:
            title = f"A series with a title of a usual length {number}"
            series = a_series(session, f"s{number}", title=title, cadence=cadence, now=NOW)
            sources = [
                a_source(f"What happened on day {day}", slug=f"s{number}-p{day}", number=str(day), body=TEXT + str(day))
                for day in range(POSTS)
            ]
            taken_in(session, series, sources, now=NOW)
    with shop.store.reading() as session:
        return session.scalars(select(func.max(Revision.id))).one()


def _measure(browser: Browser, path: str) -> None:
    browser.get(path)
    times, busy = [], []
    for _ in range(9):
        begin, cpu = time.perf_counter(), time.process_time()
        answer = browser.get(path, accept_encoding="gzip")
        times.append((time.perf_counter() - begin) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
    wire = int(answer.headers["content-length"]) / 1000
    took, used = statistics.median(times), statistics.median(busy)
    print(f"{path:40} {took:7.1f} ms, {used:5.1f} ms of them computing, {wire:5.1f} kB on the wire")


if __name__ == "__main__":
    main()
