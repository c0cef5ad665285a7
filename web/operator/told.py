"""A difference of two plans in words and lines."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from db.said import say, say_count, say_in_a_row
from scheduler.edit import Diff
from scheduler.naming import named
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
    moves = say_count("1 chapter moves", "%(count)s chapters move", diff.moves)
    why = Counter(slot.why for slot in diff.skipped if slot.why)
    reasons = [say("%(times)s × %(reason)s", times=count, reason=reason) for reason, count in why.most_common(3)]
    if not reasons:
        return moves
    skipped = say_count(
        "1 slot skipped (%(reasons)s)", "%(count)s slots skipped (%(reasons)s)", len(diff.skipped), reasons=reasons
    )
    return say_in_a_row([moves, skipped])


def _line(before: Placed, after: Placed) -> Line:
    days = (after.wall.date() - before.wall.date()).days if before.wall and after.wall else None
    return Line(after.label, after.slug, before.wall, after.wall, days, tuple(_notes(before, after)))


def _notes(before: Placed, after: Placed) -> Iterator[str]:
    if before.number != after.number:
        numbers = {"before": before.number or say("none"), "after": after.number or say("none")}
        yield say("number %(before)s → %(after)s", **numbers)
    if before.state != after.state:
        yield say("%(before)s → %(after)s", before=named(before.state), after=named(after.state))
    if after.pin and not before.pin:
        yield say("pinned")
    elif before.pin and not after.pin:
        yield say("no longer pinned")
