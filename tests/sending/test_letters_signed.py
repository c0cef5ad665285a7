"""Letters that were signed with DKIM, as a relay takes them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from db.states import LetterFormat
from db.tables import Series, Subscriber
from mail.dkim import Signer
from tests.mail.faulty import DROP, FaultyRelay
from tests.mail.signed import BOTH, SIGNER, a_key, verified
from tests.making import a_planned_post, at
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")
TURN = MORNING + timedelta(seconds=10)
BODY = "Über *Riga*:\n\n    if rain:\n    \treturn  True   \n\n.\n\nFrom here on. See [the map](map/).\n\n\n"


@pytest.fixture
def morning(office: Office) -> Office:
    """A chapter came out at 06:00, it is the hour of Alice's digest, and letters are signed."""
    office.signer = SIGNER
    with office.store.writing() as session:
        series = session.query(Series).one()
        a_planned_post(session, series, at("2026-03-02 06:00"), title="Regen in Rīga " * 9, body=BODY)
    return office


@pytest.mark.parametrize("form", list(LetterFormat))
def test_a_letter_that_a_server_took_is_signed_by_both_keys(
    morning: Office, relay: int, outbox: Path, form: LetterFormat
):
    with morning.store.writing() as session:
        session.execute(update(Subscriber).values(name="Алиса " * 9, format=form))

    morning.run(MORNING, relay)

    [received] = outbox.glob("*.eml")
    assert verified(received.read_bytes()) == [True, True]


def test_without_a_key_a_letter_has_no_signature(morning: Office, relay: int, outbox: Path):
    morning.signer = None

    morning.run(MORNING, relay)

    [received] = outbox.glob("*.eml")
    assert b"DKIM-Signature" not in received.read_bytes()


def test_a_letter_in_doubt_is_signed_again_with_the_same_bytes(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        morning.deliver(MORNING + timedelta(seconds=30), port)

    first, second = faulty.messages
    assert first == second
    assert verified(first.removesuffix(b".\r\n")) == [True, True]


def test_a_letter_in_doubt_keeps_its_signature_when_the_key_has_changed(morning: Office):
    old = a_key(selector="old", private=BOTH[1].private)
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.signer = Signer((old,))
        morning.run(MORNING, port)
        morning.signer = Signer((replace(old, until=TURN), a_key(selector="new", since=TURN)))
        morning.deliver(MORNING + timedelta(seconds=30), port)

    first, second = faulty.messages
    assert first == second
    assert b" s=old;" in first
