"""Letters that have no turn yet wait in the ledger, and go when it has come."""

from datetime import timedelta

import pytest

from mail.pace import Limits, Pace
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")


@pytest.fixture
def morning(office: Office) -> Office:
    """Alice and five more readers at example.org, ten at slow.example; their digest is due."""
    with office.store.writing() as session:
        for number in range(15):
            a_reader(session, f"reader-{number}@{'slow.example' if number >= 5 else 'example.org'}")
    office.plan("one", MORNING - timedelta(hours=1))
    office.machine = office.calendar = MORNING
    with office.worker(0) as passes:
        passes.clockwork.wake(MORNING)
    return office


def test_letters_to_a_slow_domain_wait_in_the_ledger_while_others_go(morning: Office):
    limits = Limits(domains={"slow.example": Pace(1, 60)})

    with running(relay := FaultyRelay([])) as port, morning.worker(port, limits=limits) as passes:
        passes.send_letters(MORNING)

    slow = [row for row in morning.deliveries() if row.address.endswith("@slow.example")]
    assert [one.recipient for one in relay.accepted if not one.recipient.endswith("@slow.example")] != []
    assert sorted(row.state for row in slow) == ["pending"] * 9 + ["sent"]
    waits = sorted(row.retry_at - MORNING for row in slow if row.retry_at)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(minutes=9)
    assert morning.batch().retry_at == MORNING + timedelta(minutes=1)


def test_each_goes_when_its_turn_has_come_and_none_before(morning: Office):
    limits = Limits(domains={"slow.example": Pace(1, 60)})
    relay = FaultyRelay([])

    counts = []
    with running(relay) as port, morning.worker(port, limits=limits) as passes:
        for minute in range(10):
            morning.machine = MORNING + timedelta(minutes=minute)
            passes.send_letters(morning.machine)
            counts.append(sum(one.recipient.endswith("@slow.example") for one in relay.accepted))

    assert counts == list(range(1, 11))
    assert set(morning.states()) == {"sent"}
    assert len(relay.accepted) == 16
