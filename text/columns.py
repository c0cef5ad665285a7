"""Tables as aligned columns of plain text."""

import unicodedata
from collections.abc import Sequence

_GAP = "  "


def columns(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> str:
    """The rows, the first underlined as their head, each column as wide as its widest cell.

    `sides` names each column's alignment: "left", "right" or "center". Short rows are filled with empty cells.
    """
    filled = [[*row, *[""] * (len(sides) - len(row))] for row in rows]
    widths = [max(width(row[at]) for row in filled) for at in range(len(sides))]
    lines = [_GAP.join(_padded(*cell) for cell in zip(row, widths, sides, strict=True)).rstrip() for row in filled]
    rule = _GAP.join("-" * wide for wide in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def width(text: str) -> int:
    """How many cells of a terminal the text takes: marks none, wide East Asian characters two."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _padded(text: str, wide: int, side: str) -> str:
    missing = max(0, wide - width(text))
    before = {"right": missing, "center": missing // 2}.get(side, 0)
    return " " * before + text + " " * (missing - before)
