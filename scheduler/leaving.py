"""Leaving: one series or all, at once, by a link, a button of a mail program, or a letter."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from db import subscribers
from db.states import Purpose, SubscriberState, SubscriptionState
from db.tables import Subscriber
from mail.tokens import UNSUBSCRIBE
from scheduler import singles
from scheduler.joining import note
from scheduler.letters import House
from scheduler.proofs import reader_of
from timing.clocks import Moment

_GET_LETTERS = (SubscriberState.active, SubscriberState.paused)


def leave(session: Session, house: House, reader_id: int, at: Moment, *, by: str) -> bool:
    """End all letters to a reader and say goodbye, once; False when there was nothing to end. Safe to repeat."""
    # Locked first: of two who ask at the same moment, one finds it done.
    reader = session.get(Subscriber, reader_id, with_for_update=True)
    if reader is None:
        return False
    got_letters = reader.state in _GET_LETTERS
    subscribers.leave(session, reader_id, now=at.calendar)
    if not got_letters:
        return False
    session.refresh(reader)
    goodbye = singles.to_reader(
        reader, Purpose.goodbye, at.machine.isoformat(), subscribe_url=house.addresses.subscribe()
    )
    singles.send(session, house, goodbye, now=at.calendar)
    note(session, reader_id, "leave", at, by=by)
    return True


def leave_series(
    session: Session, house: House, reader_id: int, slugs: Collection[str], at: Moment, *, by: str
) -> list[str]:
    """End the letters of some series; who follows none then leaves altogether. Gives the series that are left over."""
    held = subscribers.subscriptions_of(session, [reader_id])[reader_id]
    following = [(one, slug) for one, slug in held if one.state == SubscriptionState.active]
    kept = [slug for _, slug in following if slug not in slugs]
    if not kept:
        leave(session, house, reader_id, at, by=by)
        return []
    for one, slug in following:
        if slug in slugs:
            subscribers.leave_series(session, one, now=at.calendar)
            note(session, reader_id, "leave", at, by=by, series=[slug])
    return kept


def leave_by_mail(session: Session, house: House, token: str, at: Moment) -> bool:
    """End all letters to whom an unsubscribe token speaks for, which came in a letter; False for one that is not ours.

    For whoever reads the mailbox that List-Unsubscribe names. Safe to repeat. The sender of such a letter proves
    nothing; the token does.
    """
    reader_id = reader_of(session, house.tokens, token, UNSUBSCRIBE)
    if reader_id is None:
        return False
    leave(session, house, reader_id, at, by="mail")
    return True
