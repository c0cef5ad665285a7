"""What a cadence offers, and which of it nobody has taken."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from scheduler.cadence import Cadence, slots, why_closed

_MOMENT = timedelta(microseconds=1)
_FAR_ENOUGH = 400  # days; who is closed for more than a year has to say what now


def offered(cadence: Cadence, first: datetime, last: datetime) -> list[datetime]:
    """The slots from `first` to `last`, both included."""
    return list(takewhile(lambda slot: slot <= last, slots(cadence, after=first - _MOMENT)))


def left_free(slots_: Sequence[datetime], walls: Iterable[datetime]) -> list[datetime]:
    """The slots without a post: a post takes its own slot, else the first free one of its day."""
    standing = set(walls)
    beside = Counter(wall.date() for wall in standing.difference(slots_))
    free = []
    for slot in slots_:
        if slot in standing:
            continue
        if beside[slot.date()]:
            beside[slot.date()] -= 1
        else:
            free.append(slot)
    return free


def next_open(cadence: Cadence, after: datetime, *, taken: frozenset[datetime]) -> datetime | None:
    """A moment for a post that has to move: a free slot, or without a rhythm the same time of the next open day."""
    days = _same_time(after) if cadence.rhythm is None else slots(cadence, after=after)
    end = after + timedelta(days=_FAR_ENOUGH)
    busy: set[date] = set() if cadence.rhythm else {wall.date() for wall in taken}
    open_ = (wall for wall in takewhile(lambda wall: wall <= end, days) if not why_closed(cadence, wall))
    return next((wall for wall in open_ if wall not in taken and wall.date() not in busy), None)


def _same_time(after: datetime) -> Iterator[datetime]:
    return (after + timedelta(days=days) for days in range(1, _FAR_ENOUGH + 1))
