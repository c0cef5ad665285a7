"""How the letters of editions stand: counted anew for those that go out, once for those that are over.

Letters of an edition that is over do not change; whoever has one sent again lets its edition go on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from db import deliveries
from db.statements import rows_met
from db.tables import Delivery, Edition
from db.tables.sending import UNTALLIED


class Over(NamedTuple):
    """An edition that ended at a moment."""

    edition_id: int
    finished_at: datetime


def of(session: Session, editions: Sequence[Edition]) -> dict[int, dict[str, int]]:
    """By edition, how many of its letters are in each state."""
    known = {one.id: one.tally for one in editions if one.tally is not None}
    return known | deliveries.counts_of(session, [one.id for one in editions if one.id not in known])


def uncounted(session: Session) -> Over | None:
    """The oldest edition that is over and was not counted; single letters need no counting."""
    waiting = select(Edition.id, Edition.finished_at).where(text(UNTALLIED)).order_by(Edition.moment).limit(1)
    found = session.execute(waiting).first()
    return Over(found[0], found[1]) if found and found[1] else None


def note(session: Session, over: Over, counts: Mapping[str, int]) -> bool:
    """Keep how the letters stood when an edition was over; False when it has gone on since."""
    still = (Edition.id == over.edition_id, Edition.finished_at == over.finished_at, Edition.tally.is_(None))
    return rows_met(session, update(Edition).where(*still).values(tally=dict(counts))) == 1


def count_anew(session: Session, reader_id: int) -> None:
    """Let the editions of which a reader had letters be counted again: these are about to go."""
    theirs = select(Delivery.edition_id).where(Delivery.subscriber_id == reader_id)
    session.execute(update(Edition).where(Edition.id.in_(theirs)).values(tally=None))
