"""A difference of two plans in words and lines."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.edit import Diff
from scheduler.plan import Placed


@dataclass(frozen=True)
class Line:
    """A post that changes: its moment before and after, and the days between them; None where there is none."""

    label: str
    slug: str
    before: datetime | None
    after: datetime | None
    days: int | None
    notes: tuple[str, ...]


def diff_lines(diff: Diff) -> list[Line]:
    return [_line(change.before, change.after) for change in diff.changes]


def sum_of(diff: Diff) -> str:
    """`8 chapters move, 2 slots skipped (holiday)`."""
    moves = "1 chapter moves" if diff.moves == 1 else f"{diff.moves} chapters move"
    why = Counter(slot.why for slot in diff.skipped if slot.why)
    skipped = ", ".join(f"{count} × {reason}" for reason, count in why.most_common(3))
    more = f"; {len(diff.skipped)} {'slot' if len(diff.skipped) == 1 else 'slots'} skipped ({skipped})"
    return f"{moves}{more if skipped else ''}"


def _line(before: Placed, after: Placed) -> Line:
    days = (after.wall.date() - before.wall.date()).days if before.wall and after.wall else None
    return Line(after.label, after.slug, before.wall, after.wall, days, tuple(_notes(before, after)))


def _notes(before: Placed, after: Placed) -> Iterator[str]:
    if before.number != after.number:
        yield f"number {before.number or 'none'} → {after.number or 'none'}"
    if before.state != after.state:
        yield f"{before.state} → {after.state}"
    if after.pin and not before.pin:
        yield "pinned"
    elif before.pin and not after.pin:
        yield "no longer pinned"
