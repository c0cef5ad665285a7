from datetime import timedelta
from pathlib import Path

import pytest

from db import subscribers
from db.errors import BadValue
from db.states import InDoubtPolicy
from scheduler import steer
from scheduler.steer import SteeringRefused
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import at
from tests.sending.office import Office, letters_in, running
from tests.sending.steering import KEY, ME, MORNING, NEXT_MORNING, state_of

HOLD = InDoubtPolicy.hold
LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def morning(office: Office) -> Office:
    """A post came out at 06:00, and it is the hour of Alice's digest."""
    office.plan("one", at("2026-03-02 06:00"))
    return office


def the_letter(office: Office) -> int:
    return office.deliveries()[0].id


def test_an_operator_sends_a_held_letter_again_with_the_same_bytes_once(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port, policy=HOLD)
        over = state_of(morning.store)
        steer.resend(morning.store, [the_letter(morning)], ME)
        morning.run(LATER, port, policy=HOLD)
        morning.run(LATER + timedelta(hours=1), port, policy=HOLD)

    assert over == state_of(morning.store) == "finished"
    assert len(faulty.messages) == 2
    assert faulty.messages[0] == faulty.messages[1]
    assert b"Message-ID: <" in faulty.messages[0]
    assert (morning.states(), morning.watermarks()) == (["sent"], [1])


def test_a_letter_sent_again_on_request_whose_answer_is_lost_too_is_not_sent_a_third_time(morning: Office):
    faulty = FaultyRelay({"dot": DROP})

    with running(faulty) as port:
        morning.run(MORNING, port, policy=HOLD)
        steer.resend(morning.store, [the_letter(morning)], ME)
        morning.run(LATER, port, policy=HOLD)
        morning.run(LATER + timedelta(hours=1), port, policy=HOLD)

    assert len(faulty.messages) == 2
    assert morning.states() == ["in_doubt"]


def test_a_letter_asked_for_is_not_sent_to_one_who_left(morning: Office, relay: int, outbox: Path):
    with running(FaultyRelay({"dot": DROP})) as port:
        morning.run(MORNING, port, policy=HOLD)
    steer.resend(morning.store, [the_letter(morning)], ME)
    with morning.store.writing() as session:
        subscribers.leave(session, morning.reader().id, now=LATER)

    morning.run(LATER, relay, policy=HOLD)

    assert letters_in(outbox) == []
    assert state_of(morning.store) == "finished"


def test_a_settled_letter_stays_in_doubt_for_good(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        steer.settle(morning.store, [the_letter(morning)], ME)
        morning.run(LATER, port)

    assert len(faulty.messages) == 1
    assert morning.states() == ["in_doubt"]
    with pytest.raises(SteeringRefused, match="in doubt for good"):
        steer.resend(morning.store, [the_letter(morning)], ME)


def test_a_letter_in_doubt_of_a_cancelled_edition_is_not_sent_again(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        steer.cancel(morning.store, KEY, ME)
        morning.run(LATER, port)

    assert len(faulty.messages) == 1


def test_when_one_letter_cannot_be_sent_again_none_is(morning: Office):
    with running(FaultyRelay({"dot": DROP})) as port:
        morning.run(MORNING, port, policy=HOLD)

    with pytest.raises(BadValue, match="no letter 999"):
        steer.resend(morning.store, [the_letter(morning), 999], ME)

    assert morning.deliveries()[0].asked_at is None


def test_one_soft_letter_is_tried_at_once(morning: Office, relay: int):
    with running(FaultyRelay({"dot": "451 4.3.0 later"})) as port:
        morning.run(MORNING, port)

    steer.retry_letters(morning.store, [the_letter(morning)], ME)
    morning.deliver(MORNING + timedelta(seconds=1), relay)

    assert morning.states() == ["sent"]


@pytest.fixture
def refused(morning: Office) -> Office:
    with running(FaultyRelay({"dot": "550 5.7.1 looks like spam"})) as port:
        morning.run(MORNING, port)
    return morning


def test_a_letter_refused_for_good_can_be_tried_once_more(refused: Office, relay: int):
    over = state_of(refused.store)

    steer.retry_hard(refused.store, the_letter(refused), ME)
    opened = state_of(refused.store)
    refused.run(LATER, relay)
    refused.run(NEXT_MORNING, relay)

    assert (over, opened, state_of(refused.store)) == ("finished", "sending", "finished")
    assert refused.carried() == [["one"]]


def test_a_hard_letter_whose_posts_a_later_one_carried_is_not_tried_again(refused: Office, relay: int):
    refused.run(NEXT_MORNING, relay)

    with pytest.raises(SteeringRefused, match="not owed it any more"):
        steer.retry_hard(refused.store, the_letter(refused), ME)

    assert refused.carried() == [["one"]]


def test_a_hard_letter_is_not_tried_again_while_another_waits(refused: Office, nobody_listens: int):
    refused.run(NEXT_MORNING, nobody_listens)

    with pytest.raises(SteeringRefused, match="to the same reader waits"):
        steer.retry_hard(refused.store, the_letter(refused), ME)


def test_a_letter_to_a_suppressed_address_is_not_tried_again(morning: Office):
    with running(FaultyRelay({"RCPT": "550 5.1.1 no such user"})) as port:
        morning.run(MORNING, port)

    with pytest.raises(SteeringRefused, match="suppressed"):
        steer.retry_hard(morning.store, the_letter(morning), ME)


def test_a_letter_that_was_sent_is_neither_retried_nor_resent_nor_settled(morning: Office, relay: int):
    morning.run(MORNING, relay)

    for step in (steer.retry_letters, steer.resend, steer.settle):
        with pytest.raises(SteeringRefused, match="is sent"):
            step(morning.store, [the_letter(morning)], ME)
