"""What the ledger makes of a relay's faults."""

import socket
from collections import Counter
from datetime import datetime, timedelta

import pytest

from db.states import InDoubtPolicy
from tests.mail.faults import HANGS_UP, SILENT, Answer, Fault, Reading, Then, says
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.leaping import deliver
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")
HOUR = timedelta(hours=1)
ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"
RESETS = Answer(then=Then.resets)


@pytest.fixture
def morning(office: Office) -> Office:
    """It is the hour of Alice's digest, which is planned and not sent yet."""
    office.plan("one", at("2026-03-02 06:00"))
    open_editions(office)
    return office


@pytest.fixture
def busy(office: Office) -> Office:
    """The same with three readers."""
    with office.store.writing() as session:
        a_reader(session, BOB)
        a_reader(session, CAROL)
    office.plan("one", at("2026-03-02 06:00"))
    open_editions(office)
    return office


def open_editions(office: Office) -> None:
    office.machine = office.calendar = MORNING
    with office.worker(0) as passes:
        passes.clockwork.wake(MORNING)


def taken(relay: FaultyRelay) -> Counter[str]:
    """How often each recipient's letter was taken."""
    return Counter(one.recipient for one in relay.accepted)


def states(office: Office) -> dict[str, str]:
    return {row.address: row.state for row in office.deliveries()}


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        *((Fault(step, says("451 4.3.0 later")), "soft", 451) for step in ("MAIL", "RCPT", "DATA", "dot")),
        *((Fault(step, says("554 5.7.1 no")), "hard", 554) for step in ("MAIL", "RCPT", "DATA", "dot")),
        *(
            (Fault(step, says("421 4.3.2 going down", then=Then.hangs_up)), "soft", 421)
            for step in ("MAIL", "RCPT", "DATA", "dot")
        ),
        *((Fault(step, answer), "soft", None) for step in ("MAIL", "RCPT") for answer in (HANGS_UP, RESETS, SILENT)),
    ],
)
def test_a_letter_that_was_surely_not_taken_moves_no_watermark(
    morning: Office, fault: Fault, state: str, code: int | None
):
    deliver(morning, relay := FaultyRelay([fault]), MORNING)

    [row] = morning.deliveries()
    assert (row.state, row.code, row.ever_in_doubt) == (state, code, False)
    assert (morning.watermarks(), relay.accepted) == ([0], [])


@pytest.mark.parametrize(
    "answer", [HANGS_UP, RESETS, SILENT, Answer(line=b"250 que", then=Then.hangs_up), says("what?")]
)
def test_a_letter_taken_without_an_answer_is_in_doubt_and_then_sent_as_the_same_bytes(morning: Office, answer: Answer):
    relay = FaultyRelay([Fault("dot", answer, letter=1)])

    took = deliver(morning, relay, MORNING)
    doubt, watermarks = morning.states(), morning.watermarks()
    deliver(morning, relay, MORNING + took + timedelta(seconds=30))

    assert (doubt, watermarks) == (["in_doubt"], [1])
    assert (morning.states(), morning.watermarks()) == (["sent"], [1])
    assert len(relay.accepted) == 2
    assert relay.accepted[0] == relay.accepted[1]


@pytest.mark.parametrize("answer", [HANGS_UP, RESETS, SILENT])
def test_a_letter_taken_without_an_answer_is_taken_once_where_doubts_are_held(morning: Office, answer: Answer):
    relay = FaultyRelay([Fault("dot", answer, letter=1)])

    deliver(morning, relay, MORNING, policy=InDoubtPolicy.hold)
    deliver(morning, relay, MORNING + HOUR, policy=InDoubtPolicy.hold)

    assert (morning.states(), taken(relay)) == (["in_doubt"], {ALICE: 1})


def test_a_dot_answered_after_nearly_ten_minutes_is_a_letter_sent(morning: Office):
    relay = FaultyRelay([Fault("dot", says("250 queued", after=599))])

    took = deliver(morning, relay, MORNING)
    deliver(morning, relay, MORNING + HOUR)

    assert took >= timedelta(seconds=599)
    assert (morning.states(), morning.watermarks(), taken(relay)) == (["sent"], [1], {ALICE: 1})


def test_a_dot_answered_after_more_than_ten_minutes_is_a_letter_in_doubt(morning: Office):
    relay = FaultyRelay([Fault("dot", says("250 queued", after=601))])

    took = deliver(morning, relay, MORNING, policy=InDoubtPolicy.hold)

    assert took >= timedelta(seconds=600)
    assert (morning.states(), morning.watermarks(), taken(relay)) == (["in_doubt"], [1], {ALICE: 1})


def test_a_letter_read_at_a_trickle_is_sent_once(morning: Office):
    size = len(bytes_of(morning))
    relay = FaultyRelay([Fault("body", Reading(bytes_at_once=size // 400, every=1))])

    took = deliver(morning, relay, MORNING)

    assert timedelta(seconds=400) <= took < timedelta(seconds=600)
    assert (morning.states(), taken(relay)) == (["sent"], {ALICE: 1})


def test_a_letter_read_too_slowly_is_in_doubt_and_goes_out_whole_when_tried_again(morning: Office):
    size = len(bytes_of(morning))
    relay = FaultyRelay([Fault("body", Reading(bytes_at_once=size // 400, every=3), letter=1)])

    deliver(morning, relay, MORNING)
    [doubt] = morning.deliveries()
    deliver(morning, relay, doubt.retry_at)

    assert doubt.state == "in_doubt"
    assert morning.states() == ["sent"]
    assert len(set(relay.accepted)) == 1


def bytes_of(office: Office) -> bytes:
    """What Alice's letter is on the line; it is refused at its dot and stays to be sent, at once."""
    deliver(office, relay := FaultyRelay({"dot": "451 4.3.0 later"}), MORNING - HOUR)
    return relay.messages[0]


def test_one_bad_recipient_among_good_ones_is_refused_alone(busy: Office):
    relay = FaultyRelay([Fault("RCPT", says("550 5.1.1 no such user"), recipient=BOB)])

    deliver(busy, relay, MORNING)

    assert states(busy) == {ALICE: "sent", BOB: "hard", CAROL: "sent"}
    assert taken(relay) == {ALICE: 1, CAROL: 1}
    assert relay.connections <= 2
    assert [busy.reader(address).state for address in (ALICE, BOB, CAROL)] == ["active", "suppressed", "active"]


@pytest.mark.parametrize("step", ["RCPT", "dot"])
def test_greylisting_takes_every_letter_once_after_the_first_pause(busy: Office, step: str):
    relay = FaultyRelay(
        [Fault(step, says("450 4.7.1 greylisted"), recipient=to, times=1) for to in (ALICE, BOB, CAROL)]
    )

    deliver(busy, relay, MORNING)
    first = busy.states()
    deliver(busy, relay, MORNING + timedelta(minutes=9))
    early = len(relay.accepted)
    deliver(busy, relay, MORNING + timedelta(minutes=10, seconds=1))

    assert (first, early) == (["soft"] * 3, 0)
    assert states(busy) == {ALICE: "sent", BOB: "sent", CAROL: "sent"}
    assert taken(relay) == {ALICE: 1, BOB: 1, CAROL: 1}
    assert len(set(relay.messages)) == 3


def test_a_relay_that_is_down_for_an_hour_gets_every_letter_once_when_it_is_back(busy: Office):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        waits = tries_until(busy, port, MORNING + HOUR)
        relay, back = FaultyRelay([]), busy.batch().retry_at
        with running(relay, on=bound):
            busy.deliver(back, port)

    assert waits == [timedelta(seconds=seconds) for seconds in (15, 60, 300, 900, 900, 900, 900)]
    assert back <= MORNING + HOUR + timedelta(minutes=15)
    assert taken(relay) == {ALICE: 1, BOB: 1, CAROL: 1}
    assert (set(busy.states()), busy.watermarks(), busy.batch().problem) == ({"sent"}, [1, 1, 1], None)


def tries_until(office: Office, port: int, end: datetime) -> list[timedelta]:
    """How long the worker waits after each of its tries, of which the last is the first after the end."""
    waits, now = [], MORNING
    while now < end:
        office.deliver(now, port)
        waits.append(office.batch().retry_at - now)
        now = office.batch().retry_at
    return waits


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
def test_letters_wait_for_a_relay_that_accepts_connections_and_says_nothing(busy: Office, step: str):
    relay = FaultyRelay([Fault(step, SILENT)])

    took = deliver(busy, relay, MORNING)

    assert timedelta(seconds=60) <= took < timedelta(seconds=70)
    assert busy.states() == ["pending"] * 3
    assert "letters wait" in busy.batch().problem
    assert relay.accepted == []


def test_a_relay_that_allows_fewer_connections_gets_every_letter_by_those(busy: Office):
    relay = FaultyRelay([], most_connections=1)

    deliver(busy, relay, MORNING)

    assert taken(relay) == {ALICE: 1, BOB: 1, CAROL: 1}
    assert (set(busy.states()), busy.batch().problem) == ({"sent"}, None)


@pytest.mark.parametrize(
    "words", [b"550 5.1.1 caf\xe9 \x00 \xed\xa0\x80\r\n", b"550\r\n", b"550 " + b"x" * 8_000 + b"\r\n"]
)
def test_whatever_words_a_relay_finds_can_be_kept(morning: Office, words: bytes):
    deliver(morning, FaultyRelay([Fault("RCPT", Answer(line=words))]), MORNING)

    [row] = morning.deliveries()
    assert (row.state, row.code) == ("hard", 550)
    assert len(row.reply) <= 1_000
