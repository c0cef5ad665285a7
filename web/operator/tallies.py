"""How the letters of editions stand: counted anew for those that go out, once for those that are over."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from db import deliveries
from db.states import DeliveryState
from db.tables import Edition

_MOST = 2_000


class Tallies:
    """Letters of an edition that is over do not change: to count a million of them takes a moment, so it is done once.

    Whoever has one sent again lets its edition go on, and end at another moment.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, datetime], dict[str, int]] = {}
        self._lock = Lock()

    def of(self, session: Session, editions: Sequence[Edition]) -> dict[int, dict[str, int]]:
        """By edition, how many of its letters are in each state."""
        with self._lock:
            found = {one.id: self._known[key] for one in editions if (key := _key(one)) and key in self._known}
        counted = deliveries.counts_of(session, [one.id for one in editions if one.id not in found])
        with self._lock:
            if len(self._known) > _MOST:
                self._known.clear()
            self._known |= {key: counted[one.id] for one in editions if (key := _key(one)) and one.id in counted}
        return found | counted


def _key(edition: Edition) -> tuple[int, datetime] | None:
    return None if edition.finished_at is None else (edition.id, edition.finished_at)


SHOWN = ("sent", "in_doubt", "soft", "hard", "waiting", "superseded")


def shown(counts: dict[str, int]) -> dict[str, int]:
    """The states that a page names, each with its count; those with the relay this moment wait, too."""
    waiting = counts.get(DeliveryState.pending, 0) + counts.get(DeliveryState.intent, 0)
    return {name: waiting if name == "waiting" else counts.get(name, 0) for name in SHOWN}
