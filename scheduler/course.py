"""How an edition went over time: how many of its letters came to their end, and what operators did meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from sqlalchemy.orm import Session

from db import editions, figures
from db.tables import Audit, Edition

STRETCHES = 60
"""Into how many of equal length the time is cut."""
_LEAST = timedelta(seconds=1)


@dataclass(frozen=True)
class Stretch:
    """Until an instant so many letters had come to their end, `ended` of them in this stretch."""

    until: datetime
    ended: int
    total: int


@dataclass(frozen=True)
class Course:
    """From the first letter to the last, or to now; without stretches when no letter has ended."""

    begin: datetime | None
    stretches: tuple[Stretch, ...]
    steered: tuple[Audit, ...]


def course_of(session: Session, edition: Edition, *, now: datetime) -> Course:
    """`now` is machine time, as the ends of letters are."""
    first, last = editions.first_and_last(session, edition.id)
    steered = tuple(editions.steered(session, edition.id, limit=20))
    if first is None or last is None:
        return Course(None, (), steered)
    end = last if edition.finished_at else max(last, now)
    edges = cut(first, end)
    counts = figures.settled_between(session, edition.id, edges)
    found = zip(edges[1:], counts, accumulate(counts), strict=True)
    return Course(first, tuple(Stretch(*one) for one in found), steered)


def cut(begin: datetime, end: datetime) -> list[datetime]:
    """The edges of equal stretches of whole seconds that hold both moments; the last edge lies behind the end."""
    length = max(_LEAST, timedelta(seconds=-(-int((end - begin).total_seconds() + 1) // STRETCHES)))
    count = (end - begin) // length + 1
    return [begin + length * number for number in range(count + 1)]
