"""The schedule's pages with 20 series and 2,000 posts: the processor's time they take, the bytes they say.

In milliseconds of this process, client and all, so that other programs on the machine do not count.
Run as: PYTHONPATH=. python benchmarks/schedule.py
"""

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from db import migrate
from db import series as all_series
from db.engine import open_store
from db.states import Role
from fascicle.demo.stage import examples
from scheduler.cadence import parse_words
from scheduler.release import release_overdue
from tests.making import a_house, a_series, a_source, taken_in
from tests.web.making import NOW, Shop
from tests.web.staff import Browser, a_browser_of

SERIES, POSTS = 20, 100
MONTH = "/operator/schedule/?month=2026-04"
PAGES = ("/operator/", MONTH, f"{MONTH}&series=s0", "/operator/plan/s0/", "/operator/findings/", "/operator/audit/")
PUBLIC = "/s0/chapter/"
OUT = datetime(2026, 3, 6, 18)  # noqa: DTZ001 - a wall time
AFTERWARDS = NOW + timedelta(days=1)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    migrate.upgrade(store)
    a_house(store)
    shop = Shop(folder, store)
    _fill(shop)
    browser = a_browser_of(shop, Role.editor)
    print(f"{'no page of ours':44}{_took(lambda: shop.get('/nowhere/at/all/of/it'))[0]:7.1f} ms")
    _first_look(browser)
    for path in PAGES:
        _measure(path, lambda path=path: browser.get(path, accept_encoding="gzip"))
    live = _live(browser)
    _measure("is it still so? (nothing changed)", lambda: browser.get(live))
    begin = time.process_time()
    shop.get(PUBLIC)
    print(f"{'a public post, first time':44}{(time.process_time() - begin) * 1000:7.1f} ms")
    _measure("a public post, again", lambda: shop.get(PUBLIC, accept_encoding="gzip"))
    known = shop.get(PUBLIC).headers["etag"]
    _measure("a public post that a cache asks about", lambda: shop.get(PUBLIC, if_none_match=known))
    store.close()


def _first_look(browser: Browser) -> None:
    """What lint takes once after each change of a plan, in a request that no page waits for."""
    begin = time.process_time()
    browser.get("/operator/findings/part")
    print(f"{'looking for findings, once a change':44}{(time.process_time() - begin) * 1000:7.1f} ms")


def _live(browser: Browser) -> str:
    found = re.search(r'id="live" hx-get="([^"]+)"', browser.get(MONTH).text)
    assert found
    return found[1].replace("&amp;", "&")


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
        first = all_series.by_slug(session, "s0")
        taken_in(session, first, [a_source("A chapter", slug="chapter", body=_chapter(), wall=OUT)], now=NOW)
        release_overdue(session, first, now=AFTERWARDS)
    shop.calendar = lambda: AFTERWARDS


def _chapter() -> str:
    """A long one of the example, with code and formulas."""
    files = (examples() / "llm-primer-1").glob("*.md")
    text = max((file.read_text(encoding="utf-8") for file in files), key=len)
    return text.split("\n---\n", 1)[1] * 5


def _measure(what: str, ask: Callable[[], httpx.Response]) -> None:
    took, answer = _took(ask)
    wire, whole = int(answer.headers.get("content-length", 0)) / 1000, len(answer.content) / 1000
    print(f"{what:44}{took:7.1f} ms {answer.status_code} {wire:7.1f} kB on the wire, {whole:.0f} kB unpacked")


def _took(ask: Callable[[], httpx.Response]) -> tuple[float, httpx.Response]:
    """The median of nine, after one that does not count."""
    ask()
    times = []
    for _ in range(9):
        begin = time.process_time()
        answer = ask()
        times.append((time.process_time() - begin) * 1000)
    return statistics.median(times), answer


if __name__ == "__main__":
    main()
