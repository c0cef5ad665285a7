"""What a link alone may not do: change the address, hand out the data, erase all. A letter asks first."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from db import personal, subscribers, suppressions, tokens, wishes
from db.errors import BadValue
from db.said import say
from db.states import Purpose, SubscriberState
from db.tables import Consent, Subscriber, Wish
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from scheduler import singles
from scheduler.joining import may_be_written_to, note
from scheduler.letters import House
from timing.clocks import Moment

WORKS = timedelta(hours=2)
"""How long the links of these letters work."""
_TOO_MANY = say("This address got as many such letters today as it can. Please try again tomorrow.")
_AN_HOUR = timedelta(hours=1)


def ask(session: Session, house: House, reader: Subscriber, purpose: Purpose, at: Moment, **detail: object) -> None:
    """Have a letter sent to a reader whose link grants this. Raises BadValue when there were too many today."""
    if not may_be_written_to(session, house.tokens, reader.address, at):
        raise BadValue(_TOO_MANY)
    _send(session, house, reader, purpose, reader.address, at, **detail)


def _send(
    session: Session, house: House, reader: Subscriber, purpose: Purpose, to: str, at: Moment, **detail: object
) -> None:
    until = at.machine + WORKS
    wish = wishes.add(session, reader.id, purpose, detail, asked_at=at.calendar, expires_at=until)
    letter = singles.Single(
        purpose=purpose,
        key=f"{purpose}:{reader.id}:{wish.id}",
        address=to,
        # Whose a new address is, is not known before it was answered.
        name=reader.name if to == reader.address else "",
        language=reader.language,
        reader_id=reader.id,
        wish_id=wish.id,
        about={**detail, "hours": WORKS // _AN_HOUR},
    )
    singles.send(session, house, letter, now=at.calendar)


def ask_new_address(session: Session, house: House, wish: Wish, at: Moment) -> str:
    """Grant the first half of a change of address: the new one is asked, too. Gives it.

    Where it may not be written to, nothing is sent, and nothing told of it.
    """
    reader = _reader(session, wish)
    address: str = wish.detail["address"]
    if may_be_written_to(session, house.tokens, address, at):
        _send(session, house, reader, Purpose.new_address, address, at, address=address)
    wishes.grant(wish, now=at.calendar)
    return address


def change_address(session: Session, house: House, wish: Wish, at: Moment) -> str:
    """Have all letters go to the new address from now on; gives it. Links to preferences in older letters end.

    Raises BadValue when it belongs to another subscriber, or is suppressed.
    """
    reader = _reader(session, wish)
    address: str = wish.detail["address"]
    key = subscribers.address_key(address)
    fingerprint = house.tokens.fingerprint(key)
    _make_room(session, reader, address, fingerprint)
    reader.address, reader.address_key, reader.fingerprint = address, key, fingerprint
    # Whoever gets the old mailbox next must not choose for this reader; leaving by an old letter still works.
    tokens.raise_counter(session, PREFERENCES, reader.id)
    wishes.grant(wish, now=at.calendar)
    wishes.end_all_of(session, reader.id, now=at.calendar)
    session.add(
        Consent(
            subscriber_id=reader.id,
            series=[],
            how="change of address, confirmed by letters to both",
            text="",
            asked_at=wish.asked_at,
            confirmed_at=at.calendar,
        )
    )
    note(session, reader.id, "change address", at)
    session.flush()
    return address


def _make_room(session: Session, reader: Subscriber, address: str, fingerprint: str) -> None:
    other = subscribers.find(session, address)
    if subscribers.is_suppressed(session, fingerprint):
        raise BadValue(say("No letters can go to this address any more. Please write to us."))
    if other is None or other.id == reader.id:
        return
    if other.state != SubscriberState.pending:
        raise BadValue(say("This address has letters of its own here already; they would have to end first."))
    personal.forget(session, other.id)
    session.expunge(other)


def export(session: Session, wish: Wish, at: Moment) -> dict[str, Any]:
    """All that is kept of a reader."""
    reader = _reader(session, wish)
    wishes.grant(wish, now=at.calendar)
    note(session, reader.id, "export", at)
    session.flush()
    return personal.everything_of(session, reader)


def erase(session: Session, wish: Wish, at: Moment) -> None:
    """Erase a reader: what stays is a fingerprint, so that nothing ever goes to their address again."""
    reader = _reader(session, wish)
    suppressions.erase(session, reader.fingerprint, now=at.calendar)
    # Another reader may come to have the same id; no link of this one's letters may be theirs.
    for purpose in (UNSUBSCRIBE, PREFERENCES):
        tokens.raise_counter(session, purpose, reader.id)
    session.flush()
    session.expunge_all()
    personal.forget(session, reader.id)
    note(session, reader.id, "erase", at)


def _reader(session: Session, wish: Wish) -> Subscriber:
    """The reader whose wish it is, locked. Raises BadValue for one who is suppressed."""
    reader = session.get_one(Subscriber, wish.subscriber_id, with_for_update=True)
    if reader.state == SubscriberState.suppressed:
        raise BadValue(say("No letters can go to this address any more. Please write to us."))
    return reader
