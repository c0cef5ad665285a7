"""What finished feeds cost: keys, fragments, joining, memory. Run by hand: `python benchmarks/documents.py`.

All times are CPU milliseconds, the best of several runs, and printed as ratios beside feedgen doing the same from
scratch, since these machines are noisy.
"""

import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from feeds.document import document, written
from feeds.entry import Entry, feedgen_entry
from feeds.feed import feedgen_feed
from feeds.form import Form
from feeds.fragment import Piece, fragment, piece
from feeds.head import Head
from feeds.ingredients import Ingredients, fragment_key

START = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = (
    '<p>Some words of a chapter, with <em>marks</em> and a <a href="https://example.org/?a=1&amp;b=2">link</a>.</p>\n'
)
BODY = WORDS * (2048 // len(WORDS))  # 2 kB, the same as in the notes
RUNS = 7

HEAD = Head(
    id="tag:example.org,2026:primer",
    title="LLM primer",
    subtitle="In parts",
    urls={form: f"https://example.org/primer/feed.{form}" for form in Form},
    alternate="https://example.org/primer/",
    language="en",
    author_name="A. Writer",
    hub="https://hub.example/",
    empty_updated=START,
    prev_archive={form: f"https://example.org/primer/archive/1/1.{form}" for form in Form},
)


def ingredients(number: int) -> Ingredients:
    instant = START + timedelta(days=number)
    return Ingredients(
        id=f"tag:example.org,2026:primer/{number}",
        title=f"Chapter {number}",
        url=f"https://example.org/primer/{number}/",
        author_name="A. Writer",
        published=instant,
        updated=instant,
        summary="What this chapter is about, in a sentence or two. " * 3,
        tags=("math", "nlp"),
        language="en",
        words=f"{number:064x}",
        media=((f"{number}.png", f"https://example.org/media/{number:064x}/{number}.png"),),
        content=lambda: BODY,
    )


def entries(count: int) -> list[Entry]:
    return [ingredients(number).entry() for number in range(count)]


def pieces(form: Form, count: int) -> list[Piece]:
    return [piece(entry, fragment(form, entry)) for entry in entries(count)]


def cost(work: Callable[[], object], runs: int = RUNS) -> float:
    """CPU milliseconds of the best run."""
    taken = []
    for _ in range(runs):
        begin = time.process_time_ns()
        work()
        taken.append(time.process_time_ns() - begin)
    return min(taken) / 1e6


def from_scratch(form: Form, every: list[Entry]) -> bytes:
    """What feedgen itself takes: the whole tree, then the whole text."""
    feed = feedgen_feed(form, HEAD, START, [])
    for entry in every:
        feed.add_entry(feedgen_entry(entry))
    return bytes(feed.atom_str() if form is Form.ATOM else feed.rss_str())


def memory(work: Callable[[], bytes]) -> float:
    """The most that was held at once beyond what was there before, as a multiple of the output."""
    tracemalloc.start()
    made = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / len(made)


def keys() -> None:
    fresh = cost(lambda: [ingredients(number) for number in range(149)])
    both = cost(lambda: [fragment_key(Form.ATOM, ingredients(number)) for number in range(149)])
    print(f"149 keys: {both - fresh:.2f} ms, with the making of the ingredients {both:.2f} ms")


def joining(form: Form) -> None:
    every, kept = entries(1000), pieces(form, 1000)
    joined = cost(lambda: document(form, HEAD, kept))
    print(f"{form}: joining 1,000 kept fragments: {joined:.2f} ms", end="")
    if form is not Form.JSON:
        scratch = cost(lambda: from_scratch(form, every), 3)
        print(f"; feedgen from scratch: {scratch:.0f} ms, {scratch / joined:.0f} x", end="")
    encoded = cost(lambda: written(form, HEAD, every), 3)
    print(
        f"; encoding all anew: {encoded:.0f} ms; memory {memory(lambda: document(form, HEAD, kept)):.2f} x the output"
    )


def live(form: Form) -> None:
    kept, frozen = pieces(form, 149), pieces(form, 100)
    now, archive = cost(lambda: document(form, HEAD, kept)), cost(lambda: document(form, HEAD, frozen))
    one = cost(lambda: fragment(form, entries(1)[0]))
    print(f"{form}: live feed of 149: {now:.2f} ms; archive of 100: {archive:.2f} ms; one entry encoded: {one:.2f} ms")


def main() -> None:
    keys()
    for form in Form:
        joining(form)
        live(form)


if __name__ == "__main__":
    main()
