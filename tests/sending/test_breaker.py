"""Relays that refuse us, letter after letter: the edition stops, and an operator is told."""

from datetime import timedelta
from itertools import count

import pytest

from db import editions
from db.errors import FascicleError
from fascicle import doctor
from mail.breaker import RUN, SIGN_INS
from scheduler import steer
from scheduler.steer import By
from tests.mail.faults import Fault, says
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.leaping import deliver
from tests.sending.office import Office, WatchedRelay, running

MORNING = at("2026-03-02 07:00")
POLICY = says("554 5.7.1 your domain is on a list")
CONNECTIONS = 2


@pytest.fixture
def crowded(office: Office) -> Office:
    """Forty readers, whose digest is due."""
    with office.store.writing() as session:
        for number in range(39):
            a_reader(session, f"reader-{number}@example.org")
    office.plan("one", MORNING - timedelta(hours=1))
    office.machine = office.calendar = MORNING
    with office.worker(0) as passes:
        passes.clockwork.wake(MORNING)
    return office


def edition(office: Office) -> tuple[str, str]:
    """Its state, and why it was steered last."""
    with office.store.reading() as session:
        [row] = editions.page(session, state=None, limit=2)
        last = editions.last_steered(session, row.id)
        return row.state, "" if last is None else f"{last.action} by {last.actor}: {last.detail['reason']}"


def test_doctor_says_why_an_edition_stopped_by_itself_and_how_it_goes_on(crowded: Office):
    deliver(crowded, FaultyRelay([Fault("RCPT", POLICY)]), MORNING)

    with pytest.raises(FascicleError, match=r"on a list.*fascicle editions resume digest:UTC:07:2026-03-02"):
        doctor._editions(crowded.store)


def test_doctor_takes_no_offence_at_an_edition_that_an_operator_paused(crowded: Office):
    steer.pause(crowded.store, "digest:UTC:07:2026-03-02", By("olga", MORNING, "a wrong picture"))

    assert doctor._editions(crowded.store) == "paused by operators: 1"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "dot"])
def test_a_run_of_refusals_by_policy_pauses_the_edition_with_the_relays_words(crowded: Office, step: str):
    deliver(crowded, FaultyRelay([Fault(step, POLICY)]), MORNING)

    state, why = edition(crowded)
    assert state == "paused"
    assert why.startswith("pause by the program: 10 letters in a row were refused by policy")
    assert "554 5.7.1 your domain is on a list" in why
    assert RUN <= crowded.states().count("hard") <= RUN + CONNECTIONS
    assert set(crowded.states()) == {"hard", "pending"}
    assert crowded.reader("reader-3@example.org").state == "active"


def test_a_paused_edition_goes_on_from_there_when_it_is_resumed(crowded: Office):
    deliver(crowded, FaultyRelay([Fault("RCPT", POLICY)]), MORNING)
    refused = crowded.states().count("hard")
    with crowded.store.reading() as session:
        [row] = editions.page(session, state=None, limit=2)

    steer.resume(crowded.store, row.key, By("olga", MORNING))
    with crowded.worker(0) as passes:
        passes.clockwork.wake(MORNING)
    deliver(crowded, relay := FaultyRelay([]), MORNING + timedelta(minutes=1))

    assert len(relay.accepted) == 40 - refused
    assert edition(crowded)[0] == "finished"


def test_single_refusals_among_letters_that_are_taken_stop_nothing(crowded: Office):
    refused = [Fault("RCPT", POLICY, recipient=f"reader-{number}@example.org") for number in range(0, 39, 2)]

    deliver(crowded, FaultyRelay(refused), MORNING)

    assert edition(crowded)[0] == "finished"
    assert sorted(set(crowded.states())) == ["hard", "sent"]


def test_a_relay_that_lets_us_in_no_more_pauses_the_edition_after_a_few_tries(crowded: Office):
    relay = FaultyRelay([Fault("greeting", says("554 5.7.1 you are not welcome"))])

    with running(relay) as port, crowded.worker(port) as passes:
        for _ in range(SIGN_INS):
            passes.send_letters(crowded.machine)
            crowded.machine += timedelta(minutes=20)

    state, why = edition(crowded)
    assert (state, crowded.states()) == ("paused", ["pending"] * 40)
    assert "you are not welcome" in why


def test_a_relay_that_is_merely_down_pauses_nothing(crowded: Office, nobody_listens: int):
    with crowded.worker(nobody_listens) as passes:
        for _ in range(SIGN_INS + 2):
            passes.send_letters(crowded.machine)
            crowded.machine += timedelta(minutes=20)

    assert edition(crowded)[0] == "sending"


def test_an_edition_that_an_operator_pauses_stops_with_the_letters_under_way(crowded: Office):
    dots, sent_before = count(1), []

    def pause_at_the_sixth() -> None:
        if next(dots) == 6:
            with crowded.store.reading() as session:
                key = editions.page(session, state=None, limit=2)[0].key
            steer.pause(crowded.store, key, By("olga", MORNING, "a wrong picture"))
            sent_before.append(len(relay.messages))

    relay = WatchedRelay({}, pause_at_the_sixth)
    took = deliver(crowded, relay, MORNING)

    assert took < timedelta(seconds=1)
    assert len(relay.messages) - sent_before[0] <= CONNECTIONS
    assert crowded.states().count("pending") >= 40 - 6 - 3 * CONNECTIONS
    assert relay.connections <= 3 * CONNECTIONS
