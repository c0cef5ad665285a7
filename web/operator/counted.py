"""How many readers are in each state: few are counted each time, many once a minute."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from db import finding

FEW = 50_000
"""So many are counted within some milliseconds."""
FRESH = timedelta(minutes=1)


class Counted(NamedTuple):
    """Readers by state, as of a moment."""

    states: Mapping[str, int]
    at: datetime


class StateCounts:
    """Remembers the last count of this process."""

    def __init__(self) -> None:
        self._last: Counted | None = None

    def of(self, session: Session, *, now: datetime) -> Counted:
        last = self._last
        if last is None or sum(last.states.values()) <= FEW or not timedelta() <= now - last.at < FRESH:
            self._last = last = Counted(finding.count_by_state(session), now)
        return last
