"""Plots as plain shapes drawn on the server: bars upon each other, or lines. A table says the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

HEIGHT = 100
"""Of the drawing, in units of its own; it is as wide as there are columns, and stretched to where it stands."""
_GAP = 0.2


class Bar(NamedTuple):
    """A rectangle; `kind` is the place of its kind among those of the plot."""

    x: float
    y: float
    width: float
    height: float
    kind: int


@dataclass(frozen=True)
class Plot:
    """For each of `xs` a number of each kind, in the order of the kinds."""

    xs: Sequence[object]
    kinds: Sequence[str]
    rows: Sequence[Sequence[int]]

    @property
    def width(self) -> int:
        return max(1, len(self.xs))

    @property
    def is_empty(self) -> bool:
        return not any(any(row) for row in self.rows)

    @property
    def highest_sum(self) -> int:
        return max((sum(row) for row in self.rows), default=0)

    @property
    def highest(self) -> int:
        return max((max(row, default=0) for row in self.rows), default=0)

    def bars(self) -> list[Bar]:
        """The kinds of a column stand one upon the other, the first at the bottom."""
        top = self.highest_sum or 1
        found: list[Bar] = []
        for place, row in enumerate(self.rows):
            below = 0
            for kind, many in enumerate(row):
                if many:
                    height = HEIGHT * many / top
                    y = HEIGHT - HEIGHT * below / top - height
                    found.append(Bar(round(place + _GAP / 2, 3), round(y, 3), 1 - _GAP, round(height, 3), kind))
                below += many
        return found

    def line(self, kind: int) -> str:
        """The points of a line through the middle of the columns, as SVG writes them."""
        top = self.highest or 1
        return " ".join(
            f"{place + 0.5:g},{round(HEIGHT - HEIGHT * row[kind] / top, 3):g}" for place, row in enumerate(self.rows)
        )


def shares(counts: Sequence[int], *, width: int = 1000) -> list[tuple[float, float]]:
    """Where each share of a bar begins and how wide it is, of all counts together; nothing where there are none."""
    total = sum(counts)
    found: list[tuple[float, float]] = []
    begin = 0
    for count in counts:
        found.append((round(width * begin / total, 3), round(width * count / total, 3)) if total else (0.0, 0.0))
        begin += count
    return found
