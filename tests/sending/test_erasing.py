"""Erasing a reader while their letters are under way, and forgetting those who never confirmed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import wishes
from db.states import Purpose, SubscriberState
from db.tables import Subscriber, Suppression
from scheduler import joining
from scheduler import wishes as granting
from scheduler.forgetting import KEPT, forget_unconfirmed
from scheduler.joining import Application
from tests.mail.faulty import DROP
from tests.making import NOON, TOKENS, a_reader, at, contents
from tests.sending.office import Office, running
from tests.sending.steering import at_the_first_dot
from timing.clocks import Moment

MORNING = at("2026-03-02 07:00")
AT = Moment(MORNING, MORNING)
CHOICES = Application(series=("primer",), consent="I want letters.", zone="UTC", hour=7, language="en")


def erase_alice(office: Office) -> None:
    with office.store.writing() as session:
        alice = session.query(Subscriber).filter_by(address="alice@example.org").one()
        until = MORNING + timedelta(hours=1)
        wish = wishes.add(session, alice.id, Purpose.erase, {}, asked_at=MORNING, expires_at=until)
        granting.erase(session, wish, AT)


@pytest.mark.parametrize("answer", ["250 2.0.0 fine", "451 4.3.0 later", "550 5.1.1 <alice@example.org> unknown", DROP])
def test_whatever_becomes_of_a_letter_under_way_nothing_of_an_erased_reader_is_kept(office: Office, answer: str):
    office.plan("one", at("2026-03-02 06:00"))
    relay = at_the_first_dot(lambda: erase_alice(office), {"dot": answer})

    with running(relay) as port:
        office.run(MORNING, port)
        office.deliver(MORNING + timedelta(days=1), port)

    assert len(relay.messages) == 1
    assert "alice" not in str(contents(office.store)).lower()
    with office.store.reading() as session:
        assert [row.fingerprint for row in session.scalars(select(Suppression))] == [
            TOKENS.fingerprint("alice@example.org")
        ]


def test_who_is_erased_before_the_sending_gets_no_letter_and_the_others_do(office: Office):
    with office.store.writing() as session:
        a_reader(session, "bob@example.org")
    office.plan("one", at("2026-03-02 06:00"))
    with running(at_the_first_dot(lambda: None, {"greeting": "421 not now"})) as port:
        office.run(MORNING, port)
    erase_alice(office)
    relay = at_the_first_dot(lambda: None)

    with running(relay) as port:
        office.deliver(MORNING + timedelta(minutes=5), port)

    assert [b"bob@example.org" in message for message in relay.messages] == [True]


def asked(office: Office, now=NOON) -> None:
    with office.store.writing() as session:
        joining.ask(session, office.house, "zoe@example.org", CHOICES, Moment(now, now))


def addresses(office: Office) -> list[str]:
    with office.store.reading() as session:
        return list(session.scalars(select(Subscriber.address).order_by(Subscriber.id)))


def forgotten(office: Office, now) -> None:
    while forget_unconfirmed(office.store, now=now):
        pass


def test_who_never_confirmed_is_forgotten_after_a_week_with_all_that_was_written(office: Office):
    asked(office)

    forgotten(office, NOON + KEPT + timedelta(days=2) - timedelta(seconds=1))
    between = addresses(office)
    forgotten(office, NOON + KEPT + timedelta(days=2))

    assert between == ["alice@example.org", "zoe@example.org"]
    assert addresses(office) == ["alice@example.org"]
    assert "zoe" not in str(contents(office.store))


def test_who_asked_again_is_kept_for_another_week(office: Office):
    asked(office)
    asked(office, NOON + timedelta(days=6))

    forgotten(office, NOON + KEPT + timedelta(days=3))

    assert "zoe@example.org" in addresses(office)


def test_nobody_but_those_who_never_confirmed_is_forgotten(office: Office):
    for state in SubscriberState:
        with office.store.writing() as session:
            row = a_reader(session, f"{state}@example.org")
            row.state = state

    forgotten(office, NOON + timedelta(days=400))

    assert addresses(office) == ["alice@example.org"] + [
        f"{state}@example.org" for state in SubscriberState if state is not SubscriberState.pending
    ]


def test_the_clock_forgets_them(office: Office, relay: int):
    asked(office)

    office.run(NOON + KEPT + timedelta(days=2), relay)

    assert addresses(office) == ["alice@example.org"]
