"""What changed between two texts: line by line, and within a line word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_WORDS = re.compile(r"\s*\S+\s*|\s+")
_MOST_WORDS = 4_000
"""In a longer line the words are not compared: it counts as changed altogether."""


class Kind(StrEnum):
    """A line that is in both texts, only in the first, only in the second; or lines alike that are left out."""

    same = "same"
    gone = "gone"
    new = "new"
    skipped = "skipped"


class Piece(NamedTuple):
    """A stretch of a line; `changed` when the other text has it not."""

    text: str
    changed: bool


class Line(NamedTuple):
    """A line with its number in the text it stands in; of those left out, `number` says how many."""

    kind: Kind
    number: int
    pieces: tuple[Piece, ...]


def differences(before: str, after: str, *, around: int = 2) -> list[Line]:
    """The lines that changed, with as many around them; none when the texts are the same."""
    old, new = before.split("\n"), after.split("\n")
    found: list[Line] = []
    seen = 0
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(around):
        if group[0][3] > seen:
            found.append(Line(Kind.skipped, group[0][3] - seen, ()))
        for opcode in group:
            found += _lines(old, new, *opcode)
        seen = group[-1][4]
    if found and seen < len(new):
        found.append(Line(Kind.skipped, len(new) - seen, ()))
    return found


def _lines(old: Sequence[str], new: Sequence[str], tag: str, a: int, b: int, c: int, d: int) -> Iterator[Line]:
    if tag == "equal":
        for at in range(c, d):
            yield Line(Kind.same, at + 1, (Piece(new[at], False),))
        return
    pairs = min(b - a, d - c)
    compared = [_words(old[a + at], new[c + at]) for at in range(pairs)]
    for at in range(a, b):
        pieces = compared[at - a][0] if at - a < pairs else (Piece(old[at], True),)
        yield Line(Kind.gone, at + 1, pieces)
    for at in range(c, d):
        pieces = compared[at - c][1] if at - c < pairs else (Piece(new[at], True),)
        yield Line(Kind.new, at + 1, pieces)


def _words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines in pieces that each has alone, or that both have."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        return (Piece(before, True),), (Piece(after, True),)
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = [Piece("".join(old[a:b]), tag != "equal") for tag, a, b, _, _ in opcodes if b > a]
    come = [Piece("".join(new[c:d]), tag != "equal") for tag, _, _, c, d in opcodes if d > c]
    return tuple(gone), tuple(come)
