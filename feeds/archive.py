"""Which posts of a series are in which document (RFC 5005, section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

ARCHIVE = 100
"""Posts in an archive."""

LEAST_LIVE = 50
"""Posts that the live feed always keeps, if there are as many: what a reader meets who just came."""


@dataclass(frozen=True)
class Pages:
    """Posts by their seq: `frozen` are those of each new archive, the oldest first, `live` those that remain."""

    frozen: tuple[tuple[int, ...], ...]
    live: tuple[int, ...]


def pages(unarchived: Sequence[int]) -> Pages:
    """Cuts what is in no archive yet, in the order of seq; the live feed keeps 50 to 149 posts, or all there are.

    Once frozen, an archive is never cut anew: the posts that come later do not move it.
    """
    full = max(0, (len(unarchived) - LEAST_LIVE) // ARCHIVE)
    starts = range(0, full * ARCHIVE, ARCHIVE)
    frozen = tuple(tuple(unarchived[start : start + ARCHIVE]) for start in starts)
    return Pages(frozen, tuple(unarchived[full * ARCHIVE :]))
