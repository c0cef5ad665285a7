"""An address whose server refuses letter after letter within the conversation, told over weeks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from db.states import SubscriberState
from db.tables import Subscriber
from mail.replies import speaks_of_mailbox
from mail.verdict import Patience
from scheduler import suppressing
from scheduler.steer import By
from tests.bounces.desk import MONDAY, Desk
from tests.bounces.shapes import ALICE
from tests.mail.faults import Fault, says
from tests.mail.faulty import FaultyRelay
from tests.making import TOKENS
from tests.sending.office import running

FULL = "452 4.2.2 mailbox full"
WEEK = 7


@contextmanager
def refusing(desk: Desk, reply: str = FULL, *, stage: str = "RCPT") -> Iterator[Desk]:
    """The same desk, whose letters go to a relay that says this to each of them."""
    with running(FaultyRelay({stage: reply})) as port:
        yield Desk(desk.office, port)


def refused(desk: Desk, *days: int, reply: str = FULL) -> None:
    """A chapter on each of these days, and a letter with it that is refused."""
    with refusing(desk, reply) as there:
        there.sends(*days)


def weeks(*numbers: int) -> tuple[int, ...]:
    return tuple(WEEK * number for number in numbers)


@pytest.fixture
def alone(desk: Desk) -> Desk:
    """Alice is the only reader."""
    with desk.store.writing() as session:
        session.delete(session.query(Subscriber).filter_by(address="bob@example.org").one())
    return desk


def test_five_editions_in_a_row_are_enough_and_there_is_no_sixth_letter(alone: Desk):
    refused(alone, *weeks(0, 1, 2, 3, 4))
    before = alone.state()

    refused(alone, *weeks(5))

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.suppressed)
    assert alone.suppressed() == [(ALICE, "soft")]
    assert len(alone.letters()) == 5
    assert alone.bounces() == [(ALICE, "soft")] * 5


def test_five_in_less_than_ten_days_are_not_enough_and_eleven_in_ten_days_are(alone: Desk):
    refused(alone, *range(11))
    before = alone.state()

    refused(alone, 11)

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.suppressed)


def test_a_delivered_edition_in_between_starts_the_count_anew(alone: Desk):
    refused(alone, *weeks(0, 1, 2, 3))
    alone.sends(*weeks(4))
    refused(alone, *weeks(5, 6, 7, 8, 9))
    before = alone.state()

    refused(alone, *weeks(10))

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.suppressed)
    assert alone.office.carried()[0] == [f"day-{day}" for day in weeks(0, 1, 2, 3, 4)]


def test_what_is_taken_at_a_later_try_of_its_edition_does_not_count(alone: Desk):
    for week in range(8):
        refused(alone, WEEK * week, reply="450 4.2.0 greylisted")
        alone.office.deliver(MONDAY + timedelta(days=WEEK * week, hours=1), alone.relay)

    assert alone.bounces() == []
    assert alone.state() == SubscriberState.active
    assert len(alone.office.carried()) == 8


def test_bounces_and_refusals_are_counted_together(alone: Desk):
    refused(alone, *weeks(0))
    alone.sends(*weeks(1))
    alone.bounced(1)
    refused(alone, *weeks(2))
    alone.sends(*weeks(3))
    alone.bounced(3)
    before = alone.state()

    alone.sends(*weeks(4))
    alone.bounced(4)

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.suppressed)


def test_a_letter_given_up_after_many_tries_counts_once(alone: Desk):
    with refusing(alone) as there:
        there.sends(0)
        for hours in range(1, 200, 9):
            there.office.deliver(MONDAY + timedelta(hours=hours), there.relay)

    assert [row.state for row in alone.letters()] == ["hard"]
    assert alone.bounces() == [(ALICE, "soft")]
    assert alone.state() == SubscriberState.active


def test_given_up_week_after_week_it_is_enough(alone: Desk):
    with refusing(alone) as there:
        for week in range(5):
            there.sends(WEEK * week)
            for hours in range(1, 100, 9):
                there.office.deliver(MONDAY + timedelta(days=WEEK * week, hours=hours), there.relay)
        before = there.state()
        there.sends(WEEK * 5)

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.suppressed)
    assert [row.state for row in alone.letters()] == ["hard"] * 5


def test_refused_at_the_dot_counts_as_well(alone: Desk):
    with refusing(alone, "552 5.2.2 over quota", stage="dot") as there:
        there.sends(*weeks(0, 1, 2, 3, 4, 5))

    assert alone.state() == SubscriberState.suppressed


@pytest.mark.parametrize("reply", ["451 4.3.0 local error", "450 4.7.1 too many from you", "421 4.4.2 come back later"])
def test_what_a_relay_says_of_itself_or_of_us_suppresses_nobody(alone: Desk, reply: str):
    refused(alone, *weeks(*range(8)), reply=reply)

    assert alone.bounces() == []
    assert alone.state() == SubscriberState.active


def test_how_patient_we_are_can_be_set(alone: Desk):
    alone.office.patience = Patience(editions=2, span=timedelta(days=3))
    refused(alone, 0, 1)
    refused(alone, 2)
    before = alone.state()

    refused(alone, 6)

    assert (before, alone.state()) == (SubscriberState.active, SubscriberState.active)
    refused(alone, 7)
    assert alone.state() == SubscriberState.suppressed


def test_others_of_the_same_edition_go_on(desk: Desk):
    with running(FaultyRelay([Fault("RCPT", says(FULL), recipient=ALICE)])) as port:
        Desk(desk.office, port).sends(*weeks(0, 1, 2, 3, 4, 5))

    assert desk.state() == SubscriberState.suppressed
    assert desk.state("bob@example.org") == SubscriberState.active
    assert len(desk.office.carried(address="bob@example.org")) == 6


def test_what_was_owed_comes_once_an_operator_lets_letters_go_on(alone: Desk):
    refused(alone, *weeks(0, 1, 2, 3, 4, 5))
    with alone.store.writing() as session:
        suppressing.lift(session, ALICE, TOKENS.fingerprint, By("olga", alone.office.machine, "mended"), resume=True)

    refused(alone, *weeks(6))
    state = alone.state()
    alone.sends(*weeks(7))

    assert (state, alone.state()) == (SubscriberState.active, SubscriberState.active)
    assert alone.office.carried() == [[f"day-{day}" for day in weeks(*range(8))]]


@pytest.mark.parametrize(
    ("code", "reply", "of_mailbox"),
    [
        (452, "4.2.2 mailbox full", True),
        (450, "4.2.1 not now", True),
        (450, "4.1.1 perhaps nobody", True),
        (552, "5.2.2 over quota", True),
        (450, "mailbox busy", True),
        (452, "no room", True),
        (552, "no room", True),
        (451, "local error", False),
        (450, "4.7.1 greylisted", False),
        (450, "4.1.8 your domain is not known", False),
        (421, "4.2.1 closing", False),
        (421, "closing", False),
        (452, "4.3.1 our disk is full", False),
    ],
)
def test_which_words_are_about_the_mailbox(code: int, reply: str, of_mailbox: bool):
    assert speaks_of_mailbox(code, reply) is of_mailbox
