"""A chapter that was mailed with a fault, its correction, and whoever tells readers of it."""

import os
import signal
import sys
from itertools import count

from sqlalchemy import event
from sqlalchemy.orm import Session

from db import subscribers
from db.engine import Store, open_store
from db.tables import Series
from scheduler import corrections
from scheduler.letters import House
from scheduler.steer import By
from tests.making import a_house_of_letters, a_reader, a_source, at, taken_in
from tests.sending.office import Office

MORNING = at("2026-03-02 07:00")
LATER = at("2026-03-02 09:00")
DUE = at("2026-03-02 06:00")
FAULTY, RIGHT = "It rained form Riga.", "It rained from Riga."
NOTE = "It rained from Riga, not form it."
ME = By("olga", LATER, NOTE)


def write(office: Office, body: str, *, title: str = "Rain") -> None:
    """What the chapter says, now or from its beginning."""
    with office.store.writing() as session:
        series = session.query(Series).filter_by(slug="primer").one()
        source = a_source(title, slug="rain", wall=DUE.replace(tzinfo=None), body=body, number="1")
        taken_in(session, series, [source], now=office.calendar)


def and_reader(office: Office, address: str, **values: object) -> None:
    """One more reader, to whom the chapter is owed."""
    with office.store.writing() as session:
        reader = a_reader(session, address, **values)  # type: ignore[arg-type]
        held = subscribers.subscription(session, reader.id, session.query(Series).filter_by(slug="primer").one().id)
        assert held is not None
        held.watermark = 0


def tell(
    store: Store, note: str = NOTE, *, house: House | None = None, slug: str = "rain", revisions: tuple[int, ...] = ()
) -> int:
    """Ask for the correction letters; gives how many were written."""
    with store.reading() as session:
        found = corrections.look_up(session, "primer", slug, note=note, revisions=revisions)
    return corrections.tell(store, house or a_house_of_letters(), found, ME, now=LATER)


def die_while_telling(url: str, *, when: str, commit: int) -> None:
    """In a process of its own: ask for the letters, three in a transaction, and be killed at one of the commits."""
    store, ahead = open_store(url), count(1)

    def look(*_: object) -> None:
        if next(ahead) == commit:
            os.kill(os.getpid(), signal.SIGKILL)

    if when == "before":
        event.listen(store.engine, "commit", look)
    else:
        event.listen(Session, "after_commit", look)
    corrections.AT_ONCE = 3
    tell(store)


if __name__ == "__main__":
    die_while_telling(sys.argv[1], when=sys.argv[2], commit=int(sys.argv[3]))
