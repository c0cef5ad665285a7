"""Numbers as labels of chapters: dotted text whose parts are compared as integers; 6.0 is the same as 6."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from importers.values import NumberKey, number_key

Parts = tuple[int, ...]

_LONGEST_PART = 9  # digits; nobody counts chapters beyond


class Run(NamedTuple):
    """Numbers that lack, from `first` to `last` below a prefix: ((1,), 1, 1) is 1.1."""

    above: Parts
    first: int
    last: int

    def __str__(self) -> str:
        first, last = written((*self.above, self.first)), written((*self.above, self.last))
        return first if first == last else f"{first} … {last}"


def parts(label: str | None) -> Parts | None:
    """(1, 10) for "1.10" and (6,) for "6.0"; None for no label, or one that is not made of whole numbers."""
    pieces = label.split(".") if label else []
    if not all(piece.isascii() and piece.isdecimal() and len(piece) <= _LONGEST_PART for piece in pieces):
        return None
    return without_zeros(tuple(int(piece) for piece in pieces)) or None


def without_zeros(number: Parts) -> Parts:
    """Without the zeros at its end, but for the first part: a head is written 4.0 or 4."""
    while len(number) > 1 and number[-1] == 0:
        number = number[:-1]
    return number


def written(number: Parts) -> str:
    return ".".join(str(part) for part in number)


def order_key(label: str) -> NumberKey:
    """A key that is the same for labels that mean the same, and sorts them as numbers."""
    number = parts(label)
    return number_key(label if number is None else written(number))


def agree(one: Parts, other: Parts) -> bool:
    """Whether two numbers are the same, or one lies within the other, as 7.2 does in 7."""
    return one[: len(other)] == other[: len(one)]


def missing(numbers: Iterable[Parts]) -> list[Run]:
    """What lacks among siblings up to the highest: whole numbers, sections of a chapter, and so on.

    Counting begins at 1 (0 may be there). Where more lacks before the first than follows, the count goes on from
    elsewhere, and its beginning is not missing.
    """
    below: dict[Parts, set[int]] = defaultdict(set)
    for number in numbers:
        for depth, part in enumerate(number):
            below[number[:depth]].add(part)
    return [run for above in sorted(below) for run in _holes(above, sorted(below[above]))]


def _holes(above: Parts, siblings: list[int]) -> Iterator[Run]:
    if siblings[0] - 1 <= len(siblings):
        siblings = [0, *siblings]
    for before, after in pairwise(siblings):
        if after - before > 1:
            yield Run(above, before + 1, after - 1)
