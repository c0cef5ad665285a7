"""The schedule's pages with 20 series and 2,000 posts: how long the server takes, how many bytes it says.

Run as: python benchmarks/schedule.py
"""

import statistics
import tempfile
import time
from pathlib import Path

from db import migrate
from db.engine import open_store
from db.states import Role
from scheduler.cadence import parse_words
from tests.making import a_house, a_series, a_source, taken_in
from tests.web.making import NOW, Shop
from tests.web.staff import Browser, a_browser_of

SERIES, POSTS = 20, 100
PAGES = ("/operator/", "/operator/schedule/?month=2026-04", "/operator/plan/s0/", "/operator/audit/")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    migrate.upgrade(store)
    a_house(store)
    shop = Shop(folder, store)
    _fill(shop)
    browser = a_browser_of(shop, Role.editor)
    for path in PAGES:
        _measure(browser, path)
    store.close()


def _fill(shop: Shop) -> None:
    with shop.store.writing() as session:
        cadence = parse_words("daily at 07:00 from 1 March 2026").to_json()
        for number in range(SERIES):
            title = f"A series with a title of a usual length {number}"
            series = a_series(session, f"s{number}", title=title, cadence=cadence, now=NOW)
            sources = [
                a_source(f"What happened on day {day} and why it matters", slug=f"s{number}-p{day}", number=str(day))
                for day in range(POSTS)
            ]
            taken_in(session, series, sources, now=NOW)


def _measure(browser: Browser, path: str) -> None:
    browser.get(path)
    times = []
    for _ in range(9):
        begin = time.perf_counter()
        answer = browser.get(path, accept_encoding="gzip")
        times.append((time.perf_counter() - begin) * 1000)
    wire, whole = int(answer.headers["content-length"]) / 1000, len(answer.content) / 1000
    print(f"{path:40} {statistics.median(times):7.1f} ms {wire:8.1f} kB on the wire, {whole:.0f} kB unpacked")


if __name__ == "__main__":
    main()
