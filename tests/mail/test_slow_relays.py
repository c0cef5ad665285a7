"""The waits of RFC 5321, 4.5.3.2, in virtual time."""

import asyncio
import socket

import pytest

from mail.opening import RelayDown
from tests.mail.faults import SILENT, Answer, Fault, Packets, Reading, says
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.handing import ALICE, BOB, CAROL, Handed, Manner, down, hand_one, hand_over, one_letter, opened
from tests.mail.virtual import in_virtual_time

pytestmark = pytest.mark.usefixtures("manner")

MINUTE = 60
KILOBYTES_20 = b"Subject: One\r\n\r\n" + b"Some words on a line of this length, and a full stop.\r\n" * 370


def test_a_dot_answered_after_nearly_ten_minutes_is_a_letter_sent():
    handed = hand_one(relay := FaultyRelay([Fault("dot", says("250 queued", after=10 * MINUTE - 1))]))

    assert (handed.kind, handed.usable, handed.seconds) == ("sent", True, pytest.approx(599))
    assert len(relay.accepted) == 1


@pytest.mark.parametrize("answer", ["250 2.0.0 queued", "550 5.7.1 no"])
def test_a_dot_not_answered_in_ten_minutes_leaves_a_doubt(answer: str):
    relay = FaultyRelay([Fault("dot", says(answer, after=10 * MINUTE + 1), letter=1)])

    [first, second] = hand_over(relay, ALICE, BOB)

    assert (first.kind, first.usable, first.seconds) == ("in_doubt", False, pytest.approx(600))
    assert (second.kind, relay.connections) == ("sent", 2)


def test_an_answer_to_the_dot_that_begins_in_time_but_ends_too_late_leaves_a_doubt():
    slow = Answer(line=b"250 queued\r\n", after=595, packets=Packets.bytes, pause=1)

    handed = hand_one(relay := FaultyRelay([Fault("dot", slow)]))

    assert (handed.kind, handed.seconds, len(relay.accepted)) == ("in_doubt", pytest.approx(600), 1)


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_command_is_waited_for_five_minutes(step: str, manner: Manner):
    fault = Fault(step, says("250 fine", after=5 * MINUTE - 1))
    assert hand_one(FaultyRelay([fault])).kind == "sent"

    fault = Fault(step, says("250 fine", after=5 * MINUTE + 1))
    late = hand_one(relay := FaultyRelay([fault]))
    twice = manner is not Manner.singly and step != "MAIL"  # then it goes once more, one command at a time
    assert (late.kind, late.usable, late.seconds) == ("soft", False, pytest.approx(600 if twice else 300))
    assert relay.accepted == []


def test_data_is_waited_for_two_minutes(manner: Manner):
    assert hand_one(FaultyRelay([Fault("DATA", says("354 go on", after=2 * MINUTE - 1))])).kind == "sent"

    late = hand_one(relay := FaultyRelay([Fault("DATA", says("354 go on", after=2 * MINUTE + 1))]))
    assert (late.kind, late.usable) == ("soft", False)
    assert late.seconds == pytest.approx(120 if manner is Manner.singly else 240)
    assert relay.accepted == []


def test_a_relay_that_accepts_connections_but_never_greets_is_down_after_a_minute():
    error, seconds = down(relay := FaultyRelay([Fault("greeting", SILENT)]))

    assert (error.code, seconds) == (None, pytest.approx(60))
    assert "Timed out waiting" in str(error)
    assert relay.commands == []


def test_a_relay_that_greets_but_answers_no_ehlo_is_down_after_a_minute():
    error, seconds = down(FaultyRelay([Fault("EHLO", SILENT), Fault("HELO", SILENT)]))

    assert (error.code, seconds) == (None, pytest.approx(60))


def test_a_reset_is_waited_for_five_minutes_and_a_good_bye_for_five_seconds():
    relay = FaultyRelay([Fault("RCPT", says("450 4.2.1 later")), Fault("RSET", SILENT), Fault("QUIT", SILENT)])

    handed = hand_one(relay)

    assert (handed.kind, handed.usable, handed.seconds) == ("soft", False, pytest.approx(300))


def test_a_good_bye_that_is_not_answered_is_waited_for_five_seconds():
    async def talk() -> float:
        async with listening(FaultyRelay([Fault("QUIT", SILENT)])) as port:
            line = await opened(port)
            await line.close()
            return asyncio.get_running_loop().time()

    assert in_virtual_time(talk()) == pytest.approx(5)


def test_a_letter_read_at_a_trickle_is_sent_when_the_last_of_it_is_read_and_answered_in_time():
    trickle = Reading(bytes_at_once=100, every=2)

    handed = hand_one(relay := FaultyRelay([Fault("body", trickle)]), KILOBYTES_20)

    assert (handed.kind, handed.usable) == ("sent", True)
    assert 300 < handed.seconds < 600
    assert [one.message for one in relay.accepted] == [KILOBYTES_20 + b".\r\n"]


def test_a_letter_read_more_slowly_than_that_is_in_doubt_and_was_taken_whole_or_not_at_all():
    crawl = Reading(bytes_at_once=100, every=4)

    [first, second] = hand_over(
        relay := FaultyRelay([Fault("body", crawl, letter=1)]), ALICE, BOB, message=KILOBYTES_20
    )

    assert (first.kind, first.usable, first.seconds) == ("in_doubt", False, pytest.approx(600))
    assert second.kind == "sent"
    assert {one.message for one in relay.accepted} == {KILOBYTES_20 + b".\r\n"}


def test_only_so_many_connections_as_the_relay_allows_are_had():
    relay = FaultyRelay([], most_connections=2)

    async def talk() -> tuple[int | None, list[str]]:
        async with listening(relay, to_the_end=True) as port:
            lines = [await opened(port) for _ in range(2)]
            with pytest.raises(RelayDown) as refused:
                await opened(port)
            handed = [await one_letter(line, to) for line, to in zip(lines, (ALICE, BOB), strict=True)]
            await lines[0].close()
            await asyncio.sleep(1)
            third = await opened(port)
            handed.append(await one_letter(third, CAROL))
            for line in (lines[1], third):
                await line.close()
            return refused.value.code, [one.kind for one in handed]

    assert in_virtual_time(talk()) == (421, ["sent", "sent", "sent"])
    assert [one.recipient for one in relay.accepted] == [ALICE, BOB, CAROL]


def test_a_relay_that_is_down_refuses_and_is_used_again_once_it_is_back():
    async def talk() -> tuple[RelayDown, Handed]:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
            with pytest.raises(RelayDown) as refused:
                await opened(port)
            async with listening(FaultyRelay([]), on=bound, to_the_end=True):
                line = await opened(port)
                handed = await one_letter(line, ALICE)
                await line.close()
        return refused.value, handed

    error, handed = in_virtual_time(talk())

    assert error.code is None
    assert handed.kind == "sent"
