"""Signing in, on both databases, without pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import pytest

from db import operators, sign_ins
from db.engine import Store
from db.errors import BadValue
from db.states import Role
from tests.making import in_threads
from tests.web.making import NOW, PASSWORDS, TOKENS
from web.auth import account, staff
from web.auth.door import HALF, IDLE, LONGEST, TOO_OFTEN, WRONG, Caller, Door, Opened, Person, Refused
from web.auth.secrets import Sealer, digest

HOME, AWAY = Caller("192.0.2.1", "Firefox"), Caller("203.0.113.9", "curl")
PASSWORD = "correct horse battery staple"
ADA = "ada@example.org"


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def door(store: Store, time: Time) -> Door:
    with store.writing() as session:
        operators.add(session, email=ADA, name="Ada", role=Role.owner, password=PASSWORDS.hash(PASSWORD), now=NOW)
    return Door(store, PASSWORDS, Sealer(TOKENS.key("second factor")), time)


def token_of(found: Opened | Refused) -> str:
    assert isinstance(found, Opened)
    return found.token


def ada(door: Door) -> Person:
    person = door.who(token_of(door.sign_in(ADA, PASSWORD, HOME)))
    assert person is not None
    return person


def with_second(door: Door, time: Time) -> tuple[pyotp.TOTP, list[str]]:
    """Ada turns her second factor on; her app and her recovery codes. Some time passes."""
    person = ada(door)
    secret, sealed = account.offer_second(door, person)
    app = pyotp.TOTP(secret)
    codes = account.turn_second_on(door, person, sealed=sealed, code=app.at(time.now), password=PASSWORD)
    time.now += timedelta(minutes=2)
    return app, codes


def test_who_knows_the_password_gets_a_token_that_says_who_they_are(door: Door):
    person = ada(door)

    assert (person.email, person.role, person.has_second) == (ADA, Role.owner, False)


def test_the_store_keeps_no_token_and_no_password(door: Door):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))

    with door.store.reading() as session:
        found = sign_ins.find(session, digest(token), now=NOW)
        assert found is not None
        assert token not in str(vars(found[0]))
        assert PASSWORD not in str(vars(found[1]))
        assert found[1].password.startswith("$argon2id$")


@pytest.mark.parametrize("email", ["ADA@Example.org", " ada@example.org "])
def test_addresses_are_compared_without_their_case(door: Door, email: str):
    assert isinstance(door.sign_in(email, PASSWORD, HOME), Opened)


@pytest.mark.parametrize(("email", "password"), [(ADA, "wrong"), ("bob@example.org", PASSWORD), ("", ""), (ADA, "")])
def test_a_wrong_password_and_an_account_that_is_not_there_are_answered_alike(door: Door, email: str, password: str):
    assert door.sign_in(email, password, HOME) == Refused(WRONG)


def test_an_account_that_is_not_there_costs_as_much_work(door: Door, monkeypatch: pytest.MonkeyPatch):
    proved: list[bool] = []
    hasher = PASSWORDS._hasher
    verify = type(hasher).verify
    monkeypatch.setattr(type(hasher), "verify", lambda *about: proved.append(True) or verify(*about))

    door.sign_in(ADA, "wrong", HOME)
    door.sign_in("bob@example.org", "wrong", HOME)

    assert len(proved) == 2


def test_ten_tries_a_quarter_of_an_hour_then_not_even_the_right_password(door: Door, time: Time):
    for _ in range(10):
        assert door.sign_in(ADA, "wrong", HOME) == Refused(WRONG)

    assert door.sign_in(ADA, PASSWORD, HOME) == Refused(TOO_OFTEN, 429)
    time.now += timedelta(minutes=16)
    assert isinstance(door.sign_in(ADA, PASSWORD, HOME), Opened)


def test_tries_for_an_account_that_is_not_there_are_limited_in_the_same_way(door: Door):
    for _ in range(10):
        door.sign_in("bob@example.org", "wrong", HOME)

    assert door.sign_in("bob@example.org", "wrong", HOME) == Refused(TOO_OFTEN, 429)


def test_a_stranger_elsewhere_does_not_shut_an_operator_out(door: Door):
    for _ in range(12):
        door.sign_in(ADA, "wrong", AWAY)

    assert isinstance(door.sign_in(ADA, PASSWORD, HOME), Opened)


def test_many_accounts_from_one_address_are_limited_too(door: Door):
    for number in range(50):
        door.sign_in(f"reader{number}@example.org", "wrong", AWAY)

    assert door.sign_in("other@example.org", "wrong", AWAY) == Refused(TOO_OFTEN, 429)


def test_tries_at_the_same_moment_are_all_counted(door: Door):
    found = in_threads(14, lambda: door.sign_in(ADA, "wrong", HOME))

    assert found.count(Refused(WRONG)) == 10
    assert found.count(Refused(TOO_OFTEN, 429)) == 4


def test_a_sign_in_that_is_not_used_ends(door: Door, time: Time):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))

    time.now += IDLE - timedelta(minutes=1)
    assert door.who(token) is not None
    time.now += IDLE - timedelta(minutes=1)
    assert door.who(token) is not None
    time.now += IDLE + timedelta(minutes=1)
    assert door.who(token) is None


def test_no_sign_in_lasts_longer_than_its_longest(door: Door, time: Time):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))
    began = time.now

    while time.now < began + LONGEST - timedelta(days=1):
        time.now += timedelta(days=1)
        assert door.who(token) is not None
    time.now = began + LONGEST

    assert door.who(token) is None


def test_with_a_second_factor_a_password_alone_opens_nothing(door: Door, time: Time):
    app, _ = with_second(door, time)

    half = door.sign_in(ADA, PASSWORD, HOME)

    assert isinstance(half, Opened)
    assert not half.whole
    assert door.who(half.token) is None
    whole = door.second(half.token, app.at(time.now))
    assert door.who(token_of(whole)) is not None
    assert door.who(half.token) is None


def test_a_code_works_once(door: Door, time: Time):
    app, _ = with_second(door, time)
    code = app.at(time.now)

    first = door.second(token_of(door.sign_in(ADA, PASSWORD, HOME)), code)
    again = door.second(token_of(door.sign_in(ADA, PASSWORD, HOME)), code)

    assert isinstance(first, Opened)
    assert isinstance(again, Refused)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "١٢٣٤٥٦", "0" * 400])
def test_a_wrong_code_opens_nothing(door: Door, time: Time, code: str):
    with_second(door, time)

    assert isinstance(door.second(token_of(door.sign_in(ADA, PASSWORD, HOME)), code), Refused)


def test_codes_are_tried_ten_times_at_most(door: Door, time: Time):
    app, _ = with_second(door, time)
    half = token_of(door.sign_in(ADA, PASSWORD, HOME))

    for _ in range(10):
        door.second(half, "nonsense")

    assert door.second(half, app.at(time.now)) == Refused(TOO_OFTEN, 429)


def test_the_second_factor_may_take_ten_minutes(door: Door, time: Time):
    app, _ = with_second(door, time)
    half = token_of(door.sign_in(ADA, PASSWORD, HOME))

    time.now += HALF

    assert isinstance(door.second(half, app.at(time.now)), Refused)


def test_a_recovery_code_stands_in_once_however_it_is_typed(door: Door, time: Time):
    _, codes = with_second(door, time)
    typed = codes[0].upper().replace("-", " ")

    first = door.second(token_of(door.sign_in(ADA, PASSWORD, HOME)), typed)
    again = door.second(token_of(door.sign_in(ADA, PASSWORD, HOME)), typed)

    assert isinstance(first, Opened)
    assert isinstance(again, Refused)


def test_the_secret_of_an_app_is_sealed_in_the_store(door: Door, time: Time):
    app, _ = with_second(door, time)

    with door.store.reading() as session:
        sealed = operators.by_email(session, ADA).totp

    assert sealed is not None
    assert app.secret not in sealed
    assert Sealer(b"another key of thirty-two bytes!").opened(sealed) is None


def test_turning_it_on_asks_for_the_password_and_for_a_right_code(door: Door, time: Time):
    person = ada(door)
    secret, sealed = account.offer_second(door, person)
    code = pyotp.TOTP(secret).at(time.now)

    with pytest.raises(BadValue, match="not your password"):
        account.turn_second_on(door, person, sealed=sealed, code=code, password="wrong")
    with pytest.raises(BadValue, match="not the one"):
        account.turn_second_on(door, person, sealed=sealed, code="000000", password=PASSWORD)
    with pytest.raises(BadValue, match="out of date"):
        account.turn_second_on(door, person, sealed="forged", code=code, password=PASSWORD)

    assert not ada(door).has_second


def test_another_password_ends_all_other_sign_ins(door: Door):
    here, there = token_of(door.sign_in(ADA, PASSWORD, HOME)), token_of(door.sign_in(ADA, PASSWORD, AWAY))
    person = door.who(here)
    assert person is not None

    account.change_password(door, person, old=PASSWORD, new="four other words here")

    assert door.who(here) is not None
    assert door.who(there) is None
    assert isinstance(door.sign_in(ADA, PASSWORD, HOME), Refused)


@pytest.mark.parametrize("new", ["short", "a" * 600, "aaaaaaaaaaaaaaaa", "ada@example.org", "my ada@example.org"])
def test_passwords_that_are_easily_guessed_are_refused(door: Door, new: str):
    with pytest.raises(BadValue, match="password"):
        account.change_password(door, ada(door), old=PASSWORD, new=new)


def test_signing_out_everywhere_ends_this_sign_in_too(door: Door):
    here, there = token_of(door.sign_in(ADA, PASSWORD, HOME)), token_of(door.sign_in(ADA, PASSWORD, AWAY))
    person = door.who(here)
    assert person is not None

    assert account.sign_out_everywhere(door, person) == 2
    assert (door.who(here), door.who(there)) == (None, None)


def test_who_is_removed_is_out_at_once(door: Door):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))
    with door.store.writing() as session:
        operators.add(session, email="bob@example.org", name="Bob", role=Role.owner, password="x", now=NOW)

    with door.store.writing() as session:
        staff.remove(session, operators.by_email(session, ADA), by="bob", now=NOW)

    assert door.who(token) is None


def test_a_role_that_is_changed_holds_at_once(door: Door):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))
    with door.store.writing() as session:
        operators.add(session, email="bob@example.org", name="Bob", role=Role.owner, password="x", now=NOW)
        staff.give_role(session, operators.by_email(session, ADA), Role.viewer, by="bob", now=NOW)

    person = door.who(token)

    assert person is not None
    assert person.role == Role.viewer


def test_the_last_owner_stays_one(door: Door):
    with door.store.writing() as session, pytest.raises(BadValue, match="only owner"):
        staff.remove(session, operators.by_email(session, ADA), by="ada", now=NOW)
    with door.store.writing() as session, pytest.raises(BadValue, match="only owner"):
        staff.give_role(session, operators.by_email(session, ADA), Role.editor, by="ada", now=NOW)


def test_a_link_works_once_and_not_for_ever(door: Door, store: Store):
    with store.writing() as session:
        token = staff.invite(session, "bob@example.org", Role.editor, by="ada", now=NOW)
    values = {"email": "", "name": "Bob", "password": PASSWORD, "hashed": "x", "now": NOW}

    with store.writing() as session:
        invitation = staff.invited(session, token, now=NOW)
        made = staff.accept(session, invitation, **values)  # type: ignore[arg-type]

    assert (made.email, made.role) == ("bob@example.org", Role.editor)
    with store.writing() as session, pytest.raises(BadValue, match="does not work"):
        staff.accept(session, invitation, **values)  # type: ignore[arg-type]
    with store.reading() as session, pytest.raises(BadValue, match="does not work"):
        staff.invited(session, token, now=NOW)


@pytest.mark.parametrize("later", [timedelta(days=7), timedelta(days=400)])
def test_a_link_ends_after_a_week(door: Door, store: Store, later: timedelta):
    with store.writing() as session:
        token = staff.invite(session, "bob@example.org", Role.editor, by="ada", now=NOW)

    with store.reading() as session, pytest.raises(BadValue, match="does not work"):
        staff.invited(session, token, now=NOW + later)


def test_a_newer_link_voids_the_older(door: Door, store: Store):
    with store.writing() as session:
        old = staff.invite(session, "bob@example.org", Role.editor, by="ada", now=NOW)
        new = staff.invite(session, "BOB@example.org", Role.viewer, by="ada", now=NOW)

    with store.reading() as session:
        assert staff.invited(session, new, now=NOW).role == Role.viewer
        with pytest.raises(BadValue, match="does not work"):
            staff.invited(session, old, now=NOW)


def test_the_link_of_the_first_is_void_once_there_is_an_operator(store: Store):
    with store.writing() as session:
        token = staff.invite_first(session, now=NOW)
        assert token is not None
        operators.add(session, email=ADA, name="Ada", role=Role.owner, password="x", now=NOW)

    with store.writing() as session:
        assert staff.invite_first(session, now=NOW) is None
        with pytest.raises(BadValue, match="does not work"):
            staff.invited(session, token, now=NOW)


def test_a_reset_takes_the_second_factor_and_all_sign_ins_away(door: Door, time: Time, store: Store):
    with_second(door, time)
    with store.writing() as session:
        token = staff.reset(session, operators.by_email(session, ADA), by="bob", now=time.now)

    with store.writing() as session:
        invitation = staff.invited(session, token, now=time.now)
        hashed = PASSWORDS.hash("four other words here")
        staff.accept(
            session, invitation, email="", name="", password="four other words here", hashed=hashed, now=time.now
        )

    found = door.sign_in(ADA, "four other words here", HOME)
    assert isinstance(found, Opened)
    assert found.whole


def test_what_has_ended_is_let_go(door: Door, time: Time):
    token = token_of(door.sign_in(ADA, PASSWORD, HOME))

    time.now += timedelta(days=60)
    door.sign_in(ADA, "wrong", HOME)

    with door.store.reading() as session:
        assert sign_ins.find(session, digest(token), now=NOW) is None
