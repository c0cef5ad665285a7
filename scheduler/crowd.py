"""The readers that a look ahead counts with: few are counted anew each time, many are counted now and then."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from db import crowds
from db.crowds import Crowds
from db.engine import Store
from timing.clocks import Moment

FEW = 10_000
"""So many readers are counted within a moment."""
FRESH = timedelta(minutes=10)
"""A count is good for so long."""
FRESH_IN_MOTION = timedelta(minutes=1)
"""And for so long when letters have gone out since it was made."""
LONGEST = timedelta(minutes=5)
"""Who has counted for longer is dead."""


class Crowd(NamedTuple):
    """Readers `counted_at` an instant, None when they never were; whether they should be counted `anew`."""

    readers: Crowds
    counted_at: datetime | None
    anew: bool


def crowd(session: Session, *, now: datetime) -> Crowd:
    """The readers as they are now, or as they were when they were counted last."""
    if not crowds.more_than(session, FEW):
        return Crowd(crowds.counted(session), now, anew=False)
    at = crowds.counted_at(session)
    return Crowd(crowds.kept(session), at, anew=at is None or _is_old(session, at, now))


def _is_old(session: Session, counted_at: datetime, now: datetime) -> bool:
    age = now - counted_at
    return age >= FRESH or (age >= FRESH_IN_MOTION and crowds.sent_after(session, counted_at))


def count_anew(store: Store, at: Moment) -> bool:
    """Count all readers, and keep that; False where somebody else is at it. Nobody who writes has to wait for it."""
    with store.writing() as session:
        if not crowds.begin(session, now=at.machine, dead=at.machine - LONGEST):
            return False
    with store.reading() as session:
        counted = crowds.counted(session)
    with store.writing() as session:
        crowds.keep(session, counted, counted_at=at.calendar)
    return True
