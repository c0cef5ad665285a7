"""How long lint takes over a plan of 1,000 posts: run by hand, `make bench`.

Prints the time of finding the links of the same bodies with a bare regular expression beside it, since these machines
are noisy.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour

from db.states import PostState
from scheduler.cadence import daily
from scheduler.lint import Book, Chapter, lint

POSTS = 1_000
RUNS = 7
BEGIN = datetime(2026, 3, 1, 7)  # noqa: DTZ001 - a wall time
NOW = datetime(2026, 2, 1, tzinfo=UTC)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def a_chapter(number: int, *, following: bool) -> Chapter:
    """About 4,000 characters, linking to the chapter before or, as a fault, to the one after."""
    wall = BEGIN + timedelta(days=number - 1)
    other = min(number + 1, POSTS) if following else max(number - 1, 1)
    prose = "The boats come in with the tide, the lamp goes out, and nobody has seen the harbour master since. " * 4
    return Chapter(
        slug=f"chapter-{number}",
        number=str(number),
        title=f"Chapter {number} — Rain",
        summary=f"Chapter {number} of The Harbour. Rain again.",
        body=f"See [the other one](../chapter-{other}/).\n\n" + f"{prose} [More](https://example.com/)\n\n" * 10,
        state=PostState.planned,
        pinned=False,
        wall=wall,
        due_at=wall.replace(tzinfo=UTC),
        released_at=None,
        position=number,
    )


def a_book(*, following: bool) -> Book:
    return Book(
        series="harbour",
        title="The Harbour",
        language="en",
        zone="UTC",
        cadence=daily(hour(7), date(2026, 3, 1)),
        chapters=tuple(a_chapter(number, following=following) for number in range(1, POSTS + 1)),
        announced_count=POSTS,
        buffer=POSTS,
    )


def best(work: Callable[[], object]) -> float:
    """Seconds, of several runs the quickest."""
    took = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took)


def main() -> None:
    clean, faulty = a_book(following=False), a_book(following=True)
    assert lint([clean], now=NOW) == []
    count = len(lint([faulty], now=NOW))
    base = best(lambda: [LINK.findall(chapter.body) for chapter in clean.chapters])
    once = best(lambda: lint([clean], now=NOW))
    worst = best(lambda: lint([faulty], now=NOW))
    print(f"baseline, links of {POSTS} bodies by a bare regular expression: {base * 1000:.0f} ms")
    print(f"lint of a clean plan: {once * 1000:.0f} ms (best of {RUNS}), {once / base:.0f} x the baseline")
    print(
        f"lint where every post links ahead, {count} findings: {worst * 1000:.0f} ms, {worst / base:.0f} x the baseline"
    )


if __name__ == "__main__":
    main()
