import pytest

from mail.replies import Outcome, OutcomeKind
from tests.mail.faults import Answer, Fault, Packets, Then, says
from tests.mail.faulty import FaultyRelay
from tests.mail.handing import ALICE, BOB, Manner, down, hand_one, hand_over

pytestmark = pytest.mark.usefixtures("manner")

STEPS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
GOOD = {
    "greeting": b"220-faulty\r\n220 ready\r\n",
    "EHLO": b"250-faulty\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
    "MAIL": b"250-2.1.0 fine\r\n250 2.1.0 go on\r\n",
    "RCPT": b"250-2.1.5 fine\r\n250 2.1.5 go on\r\n",
    "DATA": b"354-well\r\n354 go on\r\n",
    "dot": b"250-2.0.0 taken\r\n250 2.0.0 queued as 1\r\n",
}


@pytest.mark.parametrize("packets", list(Packets))
def test_replies_may_come_in_any_packets(packets: Packets):
    relay = FaultyRelay([Fault(step, Answer(line=GOOD[step], packets=packets, pause=1)) for step in STEPS])

    [first, second] = hand_over(relay, ALICE, BOB)

    assert first.outcome == second.outcome == Outcome(OutcomeKind.sent, 250, "2.0.0 taken 2.0.0 queued as 1")
    assert (relay.connections, len(relay.accepted)) == (1, 2)


@pytest.mark.parametrize("packets", list(Packets))
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_refusal_may_come_in_any_packets(step: str, packets: Packets):
    no = Answer(line=b"550-5.7.1 no\r\n550 5.7.1 never\r\n", packets=packets, pause=1)

    handed = hand_one(relay := FaultyRelay([Fault(step, no)]))

    assert handed.outcome == Outcome(OutcomeKind.hard, 550, "5.7.1 no 5.7.1 never")
    assert handed.usable
    assert relay.accepted == []


def test_a_reply_that_never_ends_is_waited_for_as_long_as_one_that_never_comes():
    endless = Answer(line=b"250-still here\r\n" * 60, packets=Packets.lines, pause=15)

    handed = hand_one(relay := FaultyRelay([Fault("dot", endless)]))

    assert (handed.kind, handed.seconds) == ("in_doubt", pytest.approx(600))
    assert len(relay.accepted) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_two_replies_at_once_before_the_dot_are_never_taken_for_the_next_ones(step: str, manner: Manner):
    line = GOOD[step] + b"250 2.0.0 queued as 1\r\n"
    relay = FaultyRelay([Fault(step, Answer(line=line), times=1), Fault("dot", says("550 5.7.1 no"), times=1)])

    [first, second] = hand_over(relay, ALICE, BOB)

    assert (first.kind, first.usable) == ("soft", False)
    assert manner is not Manner.singly or first.outcome.reply == f"more than one reply to {step}"
    assert (second.kind, relay.connections) == ("hard", 2)


def test_a_good_bye_in_the_packet_of_the_last_answer_leaves_the_letter_sent(manner: Manner):
    both = Answer(line=b"250 2.0.0 queued as 1\r\n421 4.4.2 idle for too long\r\n", then=Then.hangs_up)

    [first, second] = hand_over(relay := FaultyRelay([Fault("dot", both, times=1)]), ALICE, BOB)

    assert first.outcome == Outcome(OutcomeKind.sent, 250, "2.0.0 queued as 1")
    assert first.usable == (manner is Manner.ahead)  # it is taken for the answer to what was announced, and is one
    assert (second.kind, relay.connections, len(relay.accepted)) == ("sent", 2, 2)


def test_a_good_bye_in_the_packet_of_a_refusal_leaves_the_letter_refused():
    both = Answer(line=b"550 5.1.1 no such user\r\n421 4.7.0 too many errors\r\n", then=Then.hangs_up)

    [first, second] = hand_over(FaultyRelay([Fault("RCPT", both, times=1)]), ALICE, BOB)

    assert (first.kind, first.outcome.bad_address, first.usable) == ("hard", True, False)
    assert second.kind == "sent"


def test_two_replies_to_a_reset_end_the_line_and_no_letter():
    relay = FaultyRelay(
        [Fault("RCPT", says("450 4.2.1 later"), times=1), Fault("RSET", says("250 fine\r\n250 2.1.0 fine"))]
    )

    [first, second] = hand_over(relay, ALICE, BOB)

    assert (first.kind, first.usable, second.kind, relay.connections) == ("soft", False, "sent", 2)


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
def test_a_relay_that_speaks_twice_in_greeting_is_down(step: str):
    twice = Answer(line=GOOD[step] + b"250 2.1.0 fine\r\n")

    error, _ = down(FaultyRelay([Fault(step, twice)]))

    assert "it answered more than it was asked" in str(error)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot", "RSET", "QUIT"])
@pytest.mark.parametrize("number", ["250", "450", "550"])
def test_a_number_without_words_is_a_reply(step: str, number: str):
    number = "354" if (step, number) == ("DATA", "250") else number
    refused = [Fault("RCPT", says("450 4.2.1 later"))] if step == "RSET" else []

    handed = hand_one(relay := FaultyRelay([*refused, Fault(step, says(number))]))

    expected = {"4": "soft", "5": "hard"}.get(number[0], "sent")
    assert handed.kind == ({"RSET": "soft", "QUIT": "sent"}.get(step) or expected)
    assert len(relay.accepted) == (handed.kind == "sent")


GARBAGE = [b"what?\r\n", b"\r\n", b"\xff\xfe\x00\r\n", b"25\r\n", b"+250 fine\r\n", b"999 fine\r\n", b"x" * 70_000]


@pytest.mark.parametrize("garbage", [*GARBAGE, b"250 " + b"x" * 9_000 + b"\r\n", b"250-more\r\n" * 4_000])
@pytest.mark.parametrize(("step", "kind"), [("MAIL", "soft"), ("RCPT", "soft"), ("DATA", "soft"), ("dot", "in_doubt")])
def test_garbage_and_replies_too_long_count_as_silence(step: str, kind: str, garbage: bytes):
    [first, second] = hand_over(FaultyRelay([Fault(step, Answer(line=garbage), times=1)]), ALICE, BOB)

    assert (first.kind, first.usable, second.kind) == (kind, False, "sent")


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("step", ["greeting", "EHLO"])
def test_a_relay_that_greets_us_with_garbage_is_down(step: str, garbage: bytes):
    error, _ = down(FaultyRelay([Fault(step, Answer(line=garbage)), Fault("HELO", Answer(line=garbage))]))

    assert error.code is None
    assert str(error).isprintable()


def test_words_that_are_no_utf_8_are_kept_as_far_as_a_store_can_hold_them():
    handed = hand_one(FaultyRelay([Fault("RCPT", Answer(line=b"550 5.1.1 caf\xe9 \xed\xa0\x80\x00 ferm\xc3\xa9\r\n"))]))

    assert handed.outcome.reply.startswith("5.1.1 caf")
    assert handed.outcome.reply.encode("utf-8").endswith("fermé".encode())
