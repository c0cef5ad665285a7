"""Inviting an operator by a letter: its link works once, and nothing that is kept gives it away."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import deliveries, editions, suppressions
from db.engine import Store
from db.errors import BadValue
from db.said import say
from db.states import Purpose, Role
from db.subscribers import address_key
from db.tables import Delivery, Invitation
from mail.headers import ascii_address
from scheduler import singles, steer
from scheduler.invitation_links import key_of, token_of
from scheduler.letters import House
from timing.clocks import Moment
from web.auth import staff
from web.auth.secrets import digest, new_token

_DAY = timedelta(days=1)


def invite_by_letter(
    session: Session, house: House, email: str, role: Role, *, by: str, at: Moment, language: str
) -> Invitation:
    """Have a letter sent by whose link this address becomes an operator; an earlier invitation is void.

    Raises BadValue, also for an address that no letter may go to.
    """
    address = staff.checked(email)
    ascii_address(address)
    if suppressions.find(session, house.tokens.fingerprint(address_key(address))) is not None:
        raise BadValue(
            say("%(email)s is on the list of those who get no letters; make a link and give it to them", email=address)
        )
    row = staff.add_invitation(session, address, role, token=new_token(), by=by, now=at.machine)
    # Until its id is there its link cannot be made; nobody has the token from before.
    row.digest = digest(token_of(house.tokens, key_of(row)))
    days = (row.ends_at - at.machine) // _DAY
    letter = singles.Single(
        purpose=Purpose.invitation,
        key=key_of(row),
        address=address,
        language=language,
        about={"role": str(role), "by": by, "days": days},
    )
    singles.send(session, house, letter, now=at.calendar)
    return row


def call_back(store: Store, key: str, *, by: str, now: datetime) -> None:
    """Let the letter of an invitation that is void not go, if there is one and it has not gone."""
    with store.reading() as session:
        if not editions.is_there(session, f"single:{key}"):
            return
    # One that is out already is out: its link does not work any more.
    with suppress(steer.SteeringRefused):
        steer.cancel(store, f"single:{key}", steer.By(by, now, "the invitation was withdrawn"))


def letters_of(session: Session, invitations: Iterable[Invitation]) -> dict[int, Delivery]:
    """What became of the letters of invitations, by the ids of those that have one."""
    keys = {f"single:{key_of(one)}": one.id for one in invitations}
    return {keys[key]: row for key, row in deliveries.of_singles(session, list(keys)).items()}
