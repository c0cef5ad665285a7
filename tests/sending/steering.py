"""An operator at work, a relay that calls on them in mid sending, and an office with several readers."""

from collections.abc import Callable
from itertools import chain
from threading import Lock

from db.engine import Store
from db.states import EditionState
from db.tables import Edition
from scheduler.steer import By
from tests.mail.faults import Script
from tests.making import a_reader, at
from tests.sending.office import Office, WatchedRelay

MORNING = at("2026-03-02 07:00")
KEY = "digest:UTC:07:2026-03-02"
NEXT_MORNING = at("2026-03-03 07:00")
ME = By("olga", MORNING, "a wrong picture")
READERS = [f"reader{number}@example.org" for number in range(9)]


def with_readers(office: Office) -> Office:
    """Alice and nine more, to whom a post of 06:00 is owed at the morning's digest."""
    with office.store.writing() as session:
        for address in READERS:
            a_reader(session, address)
    office.plan("one", at("2026-03-02 06:00"))
    return office


def at_the_first_dot(step: Callable[[], object], script: Script | None = None) -> WatchedRelay:
    """A relay that takes everything, unless told otherwise. When the first letter has come, an operator does
    something; all wait for it.
    """
    left, turn = iter([step]), Lock()

    def look() -> None:
        with turn:
            for do in left:
                do()

    return WatchedRelay(script or {}, look)


def state_of(store: Store, key: str = KEY) -> EditionState:
    with store.reading() as session:
        return EditionState(session.query(Edition).filter_by(key=key).one().state)


def carried_by_all(office: Office) -> list[list[list[str]]]:
    """Per reader, the slugs in each letter that was sent or is in doubt."""
    return [office.carried(address=address) for address in ("alice@example.org", *READERS)]


def posts_of_all(office: Office) -> list[list[str]]:
    """Per reader, the slugs in all letters that were sent or are in doubt, one after the other."""
    return [list(chain.from_iterable(letters)) for letters in carried_by_all(office)]
