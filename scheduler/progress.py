"""How far an edition is: its letters by state, how fast they go, how long the rest may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import batches, editions, tallies
from db.batches import Tally
from db.states import DeliveryState, EditionState
from db.tables import Edition
from scheduler.cutting import BATCH

WINDOW = timedelta(minutes=1)
"""The rate is that of the last minute."""


@dataclass(frozen=True)
class Progress:
    """`taken` is how many letters relays took in the last minute; `problems` say why batches wait, and until when."""

    state: EditionState
    letters: Mapping[str, int]
    tally: Tally
    taken: int
    first: datetime | None
    last: datetime | None
    problems: tuple[tuple[str, datetime | None], ...]

    @property
    def per_second(self) -> float:
        """Letters per second, over the last minute."""
        return self.taken / WINDOW.total_seconds()

    @property
    def ahead(self) -> int:
        """About how many letters wait for their first try, counting each reader not looked at yet as one."""
        begun = (DeliveryState.pending, DeliveryState.intent)
        return sum(self.letters.get(state, 0) for state in begun) + round(self.tally.ahead)

    @property
    def time_left(self) -> timedelta | None:
        """About how long the first tries of the rest take at this rate; None when that cannot be told."""
        if self.state is not EditionState.sending or not self.taken:
            return None
        return timedelta(seconds=round(self.ahead / self.per_second))

    @property
    def over(self) -> bool:
        return self.state in (EditionState.finished, EditionState.cancelled)


def progress_of(session: Session, edition: Edition, *, now: datetime) -> Progress:
    """How far an edition is at an instant of machine time."""
    first, last = editions.first_and_last(session, edition.id)
    return Progress(
        state=EditionState(edition.state),
        letters=tallies.of(session, [edition])[edition.id],
        tally=batches.tally(session, edition.id, size=BATCH),
        taken=editions.sent_since(session, edition.id, now - WINDOW),
        first=first,
        last=last,
        problems=tuple(batches.problems(session, edition.id)),
    )
