"""Natural order of file names: chapter-9 before chapter-10."""

import re

from importers.values import NumberKey


def natural(name: str) -> NumberKey:
    """A sort key in which runs of digits compare as integers and everything else without regard to case.

    Two different names never share a key's order by accident: the exact name decides a tie.
    """
    pieces = [piece for piece in re.split(r"([0-9]+|/)", name) if piece]
    return (*(_piece_key(piece) for piece in pieces), (3, 0, name))


def _piece_key(piece: str) -> tuple[int, int, str]:
    if piece == "/":
        return (0, 0, "")
    if not piece[0].isascii() or not piece[0].isdecimal():
        return (2, 0, piece.casefold())
    digits = piece.lstrip("0")
    return (1, len(digits), digits)
