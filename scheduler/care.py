"""What an operator does for a reader who asked: ending their letters, sending the link by which they choose."""

from sqlalchemy.orm import Session

from db import audit, personal, subscribers
from db.errors import BadValue
from db.states import Purpose, SubscriberState
from db.tables import Subscriber, Subscription
from scheduler import singles
from scheduler.letters import House
from scheduler.steer import By
from timing.clocks import Moment

_GET_LETTERS = (SubscriberState.active, SubscriberState.paused)


def stop(session: Session, reader: Subscriber, by: By, at: Moment) -> bool:
    """End all letters to a reader, at once and without a word; False when there was nothing to end."""
    if reader.state not in (*_GET_LETTERS, SubscriberState.pending):
        return False
    subscribers.leave(session, reader.id, now=at.calendar)
    _note(session, "stop letters", reader, by)
    return True


def stop_series(session: Session, reader: Subscriber, held: Subscription, slug: str, by: By, at: Moment) -> None:
    """End the letters of one series; the reader's others go on."""
    subscribers.leave_series(session, held, now=at.calendar)
    _note(session, "stop letters", reader, by, series=slug)


def send_preferences(session: Session, house: House, reader: Subscriber, by: By, at: Moment) -> None:
    """Send a reader the link by which they choose. Raises BadValue for one who gets no letters."""
    if reader.state not in _GET_LETTERS:
        raise BadValue(
            f"{reader.address} gets no letters: {reader.state}. They can come back by themselves, at "
            f"{house.addresses.subscribe()}."
        )
    letter = singles.to_reader(reader, Purpose.preferences, at.machine.isoformat())
    singles.send(session, house, letter, now=at.calendar)
    _note(session, "send preferences", reader, by)


def _note(session: Session, action: str, reader: Subscriber, by: By, **more: object) -> None:
    detail = {"reason": by.reason, **more}
    audit.note(session, who=by.who, action=action, subject=personal.subject(reader.id), at=by.at, detail=detail)
