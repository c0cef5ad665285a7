"""Counting the letters of an edition once, when it is over: a million take a moment, for which no page should wait."""

from db import deliveries, tallies
from db.engine import Store


def tally_one(store: Store) -> bool:
    """Count one edition that is over; False when none waits for it. Nobody who writes has to wait for the counting."""
    with store.reading() as session:
        over = tallies.uncounted(session)
        counts = deliveries.counts_of(session, [over.edition_id])[over.edition_id] if over else {}
    if over is None:
        return False
    with store.writing() as session:
        tallies.note(session, over, counts)
    return True
