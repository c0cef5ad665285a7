"""Which chapters stand out of line, when the others are left where they are."""

from bisect import bisect_left
from collections.abc import Sequence

from importers.values import NumberKey

_NOTHING = (0, -1)


def out_of_line(keys: Sequence[NumberKey], fixed: Sequence[bool]) -> list[int]:
    """Indexes outside a longest run of keys that never descend; of several such runs, one that keeps most fixed ones.

    In n log n: `best` is a Fenwick tree over the ranks of the keys, holding (worth of a run, index of its end).
    """
    ranks = sorted(set(keys))
    best = [_NOTHING] * (len(ranks) + 1)
    before = [-1] * len(keys)
    end = _NOTHING
    for place, key in enumerate(keys):
        rank = bisect_left(ranks, key) + 1
        worth, before[place] = _best_up_to(best, rank)
        # One chapter more is always worth more than any number of fixed ones.
        run = (worth + len(keys) + 1 + fixed[place], place)
        _remember(best, rank, run)
        end = max(end, run, key=lambda one: one[0])
    kept = _walk_back(before, end[1])
    return [place for place in range(len(keys)) if place not in kept]


def _best_up_to(best: list[tuple[int, int]], rank: int) -> tuple[int, int]:
    found = _NOTHING
    while rank > 0:
        found = max(found, best[rank], key=lambda one: one[0])
        rank -= rank & -rank
    return found


def _remember(best: list[tuple[int, int]], rank: int, run: tuple[int, int]) -> None:
    while rank < len(best):
        best[rank] = max(best[rank], run, key=lambda one: one[0])
        rank += rank & -rank


def _walk_back(before: Sequence[int], place: int) -> set[int]:
    kept = set()
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept
