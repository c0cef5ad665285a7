"""The words of letters are not kept for ever where an operator says so; who got what, and when, is."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.errors import BadValue
from db.states import InDoubtPolicy
from db.tables import Edition, Variant
from scheduler import preview, steer
from scheduler.forgetting import forget_letters
from scheduler.steer import SteeringRefused
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import TOKENS, a_house_of_letters, at
from tests.sending.office import Office, letters_in, running
from tests.sending.steering import KEY, ME
from tests.web.making import Shop

MORNING = at("2026-03-02 07:00")
KEPT = timedelta(days=90)
LATER = MORNING + KEPT + timedelta(hours=1)


@pytest.fixture
def morning(office: Office) -> Office:
    """A chapter came out at 06:00, and it is the hour of Alice's digest."""
    office.plan("rain", at("2026-03-02 06:00"))
    return office


def forget(office: Office, now: datetime) -> int:
    """How many steps it took."""
    steps = 0
    while forget_letters(office.store, now=now, kept=KEPT):
        steps += 1
    return steps


def kept(office: Office) -> list[tuple[str, bool]]:
    """Whether the words of each edition's letters are there."""
    with office.store.reading() as session:
        rows = session.execute(select(Edition.key, Variant.skeleton).join(Variant).order_by(Edition.id)).all()
    return [(key, skeleton != b"") for key, skeleton in rows]


def test_after_so_many_days_the_words_are_gone_and_the_ledger_stays(morning: Office, relay: int):
    morning.run(MORNING, relay)
    before = [(row.id, row.address, row.state, row.reply) for row in morning.deliveries()]

    forget(morning, LATER)

    assert kept(morning) == [(KEY, False)]
    assert [(row.id, row.address, row.state, row.reply) for row in morning.deliveries()] == before
    assert forget(morning, LATER) == 0


def test_till_then_they_stay(morning: Office, relay: int):
    morning.run(MORNING, relay)

    forget(morning, MORNING + KEPT)

    assert kept(morning) == [(KEY, True)]


def test_an_edition_that_is_not_over_keeps_them(morning: Office, relay: int):
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as port:
        morning.run(MORNING, port)

    forget(morning, LATER)
    morning.run(LATER, relay)

    assert [row.state for row in morning.deliveries()][-1] == "sent"


def test_the_browser_is_told_that_the_letter_is_gone(morning: Office, relay: int, outbox: Path):
    morning.run(MORNING, relay)
    [letter] = letters_in(outbox)
    [path] = re.findall(r"https://example\.org(/letters/\S+)", letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    shop = Shop(morning.folder, morning.store, tokens=TOKENS)

    before = shop.get(path).status_code
    forget(morning, LATER)

    assert (before, shop.get(path).status_code) == (200, 410)


def test_an_operator_who_wants_to_see_or_send_it_again_is_told_why_not(morning: Office):
    with running(FaultyRelay({"dot": DROP})) as port:
        morning.run(MORNING, port, policy=InDoubtPolicy.hold)
    forget(morning, LATER)

    with pytest.raises(SteeringRefused, match="its words were let go"):
        steer.resend(morning.store, [morning.deliveries()[0].id], ME)
    with morning.store.reading() as session, pytest.raises(BadValue, match="were let go"):
        preview.of_edition(a_house_of_letters(), session, KEY, None)


def test_what_stays_in_doubt_can_still_be_settled(morning: Office):
    with running(FaultyRelay({"dot": DROP})) as port:
        morning.run(MORNING, port, policy=InDoubtPolicy.hold)
    forget(morning, LATER)

    steer.settle(morning.store, [morning.deliveries()[0].id], ME)

    assert morning.deliveries()[0].settled_at is not None
