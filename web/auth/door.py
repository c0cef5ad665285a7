"""Signing in and out: a password, a second factor where there is one, and a token of which the store has a digest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from db import audit, operators, sign_ins
from db.engine import Store
from db.said import say
from db.states import Role
from db.tables import Operator, SignIn
from timing.clocks import Clock
from web.auth import totp
from web.auth.passwords import Passwords
from web.auth.secrets import Sealer, code_digest, digest, new_token

log = structlog.get_logger()

IDLE = timedelta(days=7)
"""A sign-in that is not used for so long ends."""
LONGEST = timedelta(days=30)
HALF = timedelta(minutes=10)
"""How long the second factor may take."""
_NOTED_EVERY = timedelta(minutes=5)

WINDOW = timedelta(minutes=15)
TRIES_OF_ADDRESS = 50
TRIES_OF_ACCOUNT = 100
TRIES_OF_BOTH = 10
TRIES_OF_CODE = 10

WRONG = say("That address and password do not belong together.")
WRONG_CODE = say("That code is not right, or was used already.")
TOO_OFTEN = say("Too many tries. Wait a quarter of an hour, then try again.")


@dataclass(frozen=True)
class Person:
    """Who asks: an operator, and the sign-in by which we know; `language` is None for that of their browser."""

    id: int
    email: str
    name: str
    role: Role
    sign_in: int
    has_second: bool
    language: str | None = None


@dataclass(frozen=True)
class Opened:
    """A token for the cookie; `whole` unless the second factor is still to come."""

    token: str
    whole: bool


@dataclass(frozen=True)
class Refused:
    words: str
    status: int = 401


@dataclass(frozen=True)
class Caller:
    """Where somebody asks from: the address of their machine, and what their browser calls itself."""

    address: str
    program: str


@dataclass(frozen=True)
class Door:
    """`machine` is the clock by which sign-ins and limits are counted."""

    store: Store
    passwords: Passwords
    sealer: Sealer
    machine: Clock

    def sign_in(self, email: str, password: str, caller: Caller) -> Opened | Refused:
        """Accounts that are there and that are not are answered alike, in words and in time."""
        now = self.machine()
        if self._too_often(_keys(email, caller), now):
            return Refused(TOO_OFTEN, 429)
        with self.store.reading() as session:
            found = operators.find(session, email)
        # Outside of any transaction: it takes long on purpose.
        if not self.passwords.proves(password, found.password if found else None) or found is None:
            log.warning("sign-in refused", address=caller.address)
            return Refused(WRONG)
        anew = self.passwords.hash(password) if self.passwords.is_old(found.password) else None
        with self.store.writing() as session:
            return self._let_in(session, found.id, found.password, caller, anew=anew, email=email)

    def second(self, token: str, code: str) -> Opened | Refused:
        """From a sign-in that is not whole to one that is; its token is another one."""
        now = self.machine()
        with self.store.writing() as session:
            found = sign_ins.find(session, digest(token), now=now)
            if found is None or found[0].whole:
                return Refused(say("That took too long. Sign in again."), 440)
            half, operator = found
            if sign_ins.tried(session, f"code|{operator.id}", now=now, since=now - WINDOW) > TRIES_OF_CODE:
                return Refused(TOO_OFTEN, 429)
            if not self._proves(session, operator, code, now):
                return Refused(WRONG_CODE)
            sign_ins.forget_tries(session, f"code|{operator.id}")
            return _completed(session, operator, half, now=now)

    def who(self, token: str, *, is_here: bool = True) -> Person | None:
        """Whose token this is, as things are now; None for one that opens nothing.

        A page that asks without anybody having done something does not prove that somebody is there (`is_here`).
        """
        now = self.machine()
        with self.store.reading() as session:
            found = sign_ins.find(session, digest(token), now=now)
        if found is None or not found[0].whole:
            return None
        mine, operator = found
        if is_here and now - mine.seen_at > _NOTED_EVERY:
            with self.store.writing() as session:
                sign_ins.seen(session, mine.id, now=now, ends_at=min(now + IDLE, mine.created_at + LONGEST))
        return Person(
            operator.id, operator.email, operator.name, Role(operator.role), mine.id, operator.totp is not None,
            operator.language,
        )  # fmt: skip

    def awaits_second(self, token: str) -> bool:
        with self.store.reading() as session:
            found = sign_ins.find(session, digest(token), now=self.machine())
        return found is not None and not found[0].whole

    def welcome(self, session: Session, operator: Operator, caller: Caller) -> Opened:
        """Sign in who has just been made an operator, or has just chosen a password by a link."""
        return _open(session, operator, caller.program, now=self.machine(), whole=operator.totp is None)

    def proves_again(self, person: Person, password: str) -> bool:
        """Whether who is signed in knows the password, too: asked before what could lock them out."""
        now = self.machine()
        with self.store.writing() as session:
            if sign_ins.tried(session, f"again|{person.id}", now=now, since=now - WINDOW) > TRIES_OF_CODE:
                return False
            row = operators.find(session, person.email)
        if not self.passwords.proves(password, row.password if row else None):
            return False
        with self.store.writing() as session:
            sign_ins.forget_tries(session, f"again|{person.id}")
        return True

    def _too_often(self, keys: dict[str, int], now: datetime) -> bool:
        with self.store.writing() as session:
            sign_ins.sweep(session, now=now, tries_before=now - 2 * WINDOW)
            counts = {key: sign_ins.tried(session, key, now=now, since=now - WINDOW) for key in keys}
        return any(counts[key] > most for key, most in keys.items())

    def _let_in(
        self, session: Session, operator_id: int, hashed: str, caller: Caller, *, anew: str | None, email: str
    ) -> Opened | Refused:
        operator = session.get(Operator, operator_id, with_for_update=True)
        # Removed, or given another password, while this one was proved.
        if operator is None or operator.password != hashed:
            return Refused(WRONG)
        operator.password = anew or hashed
        sign_ins.forget_tries(session, _both(email, caller))
        return _open(session, operator, caller.program, now=self.machine(), whole=operator.totp is None)

    def _proves(self, session: Session, operator: Operator, code: str, now: datetime) -> bool:
        secret = None if operator.totp is None else self.sealer.opened(operator.totp)
        step = None if secret is None else totp.step_of(secret, code, now=now)
        if step is not None:
            return operators.take_step(session, operator.id, step)
        used = operators.use_code(session, operator.id, code_digest(code))
        if used:
            audit.note(session, who=operator.email, action="recovery code", subject=subject(operator.id), at=now)
        return used


def subject(operator_id: int) -> str:
    return f"operator:{operator_id}"


def _open(session: Session, operator: Operator, program: str, *, now: datetime, whole: bool) -> Opened:
    token = new_token()
    row = SignIn(
        operator_id=operator.id, digest=digest(token), whole=whole, program=program[:200], created_at=now, seen_at=now,
        ends_at=now + (IDLE if whole else HALF),
    )  # fmt: skip
    session.add(row)
    if whole:
        _note(session, operator, row, now=now)
    session.flush()
    return Opened(token, whole)


def _completed(session: Session, operator: Operator, half: SignIn, *, now: datetime) -> Opened:
    token = new_token()
    half.digest, half.whole, half.created_at, half.seen_at, half.ends_at = digest(token), True, now, now, now + IDLE
    _note(session, operator, half, now=now)
    session.flush()
    return Opened(token, True)


def _note(session: Session, operator: Operator, row: SignIn, *, now: datetime) -> None:
    detail = {"program": row.program}
    audit.note(session, who=operator.email, action="sign in", subject=subject(operator.id), at=now, detail=detail)


def _keys(email: str, caller: Caller) -> dict[str, int]:
    """What tries are counted under, with how many there may be of each."""
    return {
        f"address|{digest(caller.address)}": TRIES_OF_ADDRESS,
        f"account|{digest(operators.key_of(email))}": TRIES_OF_ACCOUNT,
        _both(email, caller): TRIES_OF_BOTH,
    }


def _both(email: str, caller: Caller) -> str:
    """Of this account from this address: so a stranger elsewhere does not soon shut an operator out."""
    return f"both|{digest(operators.key_of(email))}|{digest(caller.address)}"
