"""What operators change of their own: password, second factor, recovery codes, and where they are signed in."""

from sqlalchemy.orm import Session

from db import audit, operators, sign_ins
from db.errors import BadValue
from db.said import say
from db.tables import Operator
from templates.languages import languages
from web.auth import totp
from web.auth.door import Door, Person, subject
from web.auth.passwords import check_password
from web.auth.secrets import code_digest, new_codes

AGAIN = say("That is not your password. Nothing has changed.")


def change_password(door: Door, person: Person, *, old: str, new: str) -> None:
    """All other sign-ins end. Raises BadValue."""
    check_password(new, email=person.email)
    _prove(door, person, old)
    hashed = door.passwords.hash(new)
    with door.store.writing() as session:
        _mine(session, person).password = hashed
        sign_ins.end_all(session, person.id, but=person.sign_in)
        _note(session, door, person, "new password")


def offer_second(door: Door, person: Person) -> tuple[str, str]:
    """A new secret for an authenticator app, and the same sealed, to come back with the first code."""
    secret = totp.new_secret()
    return secret, door.sealer.seal(f"{person.id}|{secret}")


def secret_offered(door: Door, person: Person, sealed: str) -> str:
    """Raises BadValue for what was not offered to this person."""
    owner, _, secret = (door.sealer.opened(sealed) or "").partition("|")
    if owner != str(person.id) or not secret:
        raise BadValue(say("That picture is out of date. Begin again."))
    return secret


def turn_second_on(door: Door, person: Person, *, sealed: str, code: str, password: str) -> list[str]:
    """Gives the recovery codes, which are shown this once. Raises BadValue, with nothing changed."""
    secret = secret_offered(door, person, sealed)
    now = door.machine()
    step = totp.step_of(secret, code, now=now)
    if step is None:
        raise BadValue(say("That code is not the one that the app shows now. Is the clock of your phone right?"))
    _prove(door, person, password)
    codes = new_codes()
    with door.store.writing() as session:
        operator = _mine(session, person)
        operator.totp, operator.totp_step = door.sealer.seal(secret), step
        operators.put_codes(session, person.id, map(code_digest, codes))
        sign_ins.end_all(session, person.id, but=person.sign_in)
        _note(session, door, person, "second factor on")
    return codes


def turn_second_off(door: Door, person: Person, *, password: str) -> None:
    """Raises BadValue."""
    _prove(door, person, password)
    with door.store.writing() as session:
        _mine(session, person).totp = None
        operators.put_codes(session, person.id, ())
        _note(session, door, person, "second factor off")


def renew_codes(door: Door, person: Person, *, password: str) -> list[str]:
    """New recovery codes; the old ones are void. Raises BadValue."""
    if not person.has_second:
        raise BadValue(say("Recovery codes go with a second factor; turn that on first."))
    _prove(door, person, password)
    codes = new_codes()
    with door.store.writing() as session:
        operators.put_codes(session, person.id, map(code_digest, codes))
        _note(session, door, person, "new recovery codes")
    return codes


def choose_language(door: Door, person: Person, language: str) -> None:
    """That of this person's pages; none for the one that their browser asks for. Raises BadValue."""
    if language and language not in languages():
        raise BadValue(say("%(language)r is not a language that these pages speak.", language=language[:20]))
    with door.store.writing() as session:
        _mine(session, person).language = language or None


def end_sign_in(door: Door, person: Person, sign_in_id: int) -> bool:
    """False when it is not one of this person's, or not any more."""
    with door.store.writing() as session:
        return sign_ins.end(session, person.id, sign_in_id)


def sign_out_everywhere(door: Door, person: Person) -> int:
    """End all sign-ins of this person, this one too; gives how many."""
    with door.store.writing() as session:
        ended = sign_ins.end_all(session, person.id)
        _note(session, door, person, "sign out everywhere")
    return ended


def _prove(door: Door, person: Person, password: str) -> None:
    if not door.proves_again(person, password):
        raise BadValue(AGAIN)


def _mine(session: Session, person: Person) -> Operator:
    operator = session.get(Operator, person.id, with_for_update=True)
    if operator is None:
        raise BadValue(say("You are not an operator any more."))
    return operator


def _note(session: Session, door: Door, person: Person, action: str) -> None:
    audit.note(session, who=person.email, action=action, subject=subject(person.id), at=door.machine())
