"""Pauses: a reader gets no letters for a while, and then what came out meanwhile."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db import subscribers
from db.engine import Store
from db.errors import BadValue
from db.said import say
from db.states import SubscriberState
from db.tables import Subscriber
from scheduler.naming import named
from scheduler.personal import send_owed

AT_ONCE = 500
"""Readers whose pauses end in one transaction."""


def pause(reader: Subscriber, *, until: datetime | None, now: datetime) -> None:
    """Send a reader nothing, until an instant or until they resume; what comes out meanwhile stays owed.

    Raises BadValue for a reader who is not active, and for an end that is past.
    """
    if reader.state not in (SubscriberState.active, SubscriberState.paused):
        raise BadValue(
            say(
                "%(address)s is %(state)s: only who gets letters can pause them",
                address=reader.address,
                state=named(reader.state),
            )
        )
    if until is not None and until <= now:
        raise BadValue(say("%(until)s UTC is past; give a day to come", until=until))
    reader.state, reader.paused_until = SubscriberState.paused, until


def resume(session: Session, reader: Subscriber, *, now: datetime) -> None:
    """Send a reader letters again: at their next hour, and at once where they follow instantly. Raises BadValue."""
    if reader.state != SubscriberState.paused:
        raise BadValue(say("%(address)s is %(state)s, not paused", address=reader.address, state=named(reader.state)))
    _resume(session, [reader], now=now)


def end_pauses(store: Store, *, now: datetime) -> bool:
    """Resume some readers whose pauses end by now; False when there was none."""
    with store.reading() as session:
        if not subscribers.any_pause_over(session, now):
            return False
    with store.writing() as session:
        over = subscribers.pauses_over(session, now, limit=AT_ONCE)
        _resume(session, over, now=now)
    return bool(over)


def _resume(session: Session, readers: Sequence[Subscriber], *, now: datetime) -> None:
    for reader in readers:
        reader.state, reader.paused_until = SubscriberState.active, None
    session.flush()
    send_owed(session, subscribers.owed_instantly(session, [reader.id for reader in readers]), now=now)
