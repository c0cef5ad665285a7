"""The chain of archives, from the live feed into the past: it reaches every chapter, once (RFC 5005, section 4)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from feeds.check.finding import Found
from feeds.check.model import Document, Model
from feeds.check.seen import SeenFeed
from feeds.form import Form

Placed = tuple[str, Found]


class _Chain(NamedTuple):
    """The documents that a reader comes to, and what ended the way where it should not end."""

    paths: list[str]
    trouble: Placed | None


def chains_reach_every_chapter(model: Model, seen: Mapping[str, SeenFeed]) -> Iterator[Placed]:
    for live in model.documents.values():
        if live.form is Form.ATOM and live.topic.startswith("series:") and not live.frozen and live.path in seen:
            yield from _of_series(model, live, seen)


def _of_series(model: Model, live: Document, seen: Mapping[str, SeenFeed]) -> Iterator[Placed]:
    chain = _followed(model, live.path, seen)
    if chain.trouble:
        yield chain.trouble
    archives = [one for one in model.documents.values() if one.frozen and one.topic == live.topic]
    missed = [one.path for one in archives if one.path not in chain.paths]
    if missed and not chain.trouble:
        yield (
            live.path,
            Found("archive-chain", f"no link leads to {', '.join(missed)}: readers never see those chapters"),
        )
    archived = Counter(id for path in chain.paths[1:] for id in seen[path].ids)
    for id, count in archived.items():
        if count > 1:
            yield live.path, Found("archived-twice", f"{id} is in {count} archives", id)


def _followed(model: Model, start: str, seen: Mapping[str, SeenFeed]) -> _Chain:
    paths = [start]
    while True:
        here = paths[-1]
        links = seen[here].addresses("prev-archive")
        if not links:
            return _Chain(paths, None)
        following = links[0].removeprefix(model.site)
        if following in paths:
            words = f"it continues in {following}, which a reader comes from: the older chapters are never reached"
            return _Chain(paths, (here, Found("archive-loop", words)))
        if following not in seen:
            return _Chain(paths, (here, Found("archive-chain", f"it continues at {links[0]}, and nothing is there")))
        paths.append(following)
