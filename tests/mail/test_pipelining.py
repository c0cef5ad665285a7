"""Groups of commands in one packet (RFC 2920), and relays that do not keep what they offered."""

import asyncio
from collections.abc import Sequence

import pytest

from mail.relay import Connection
from tests.mail import handing
from tests.mail.faults import Answer, Fault, Then, says
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.handing import ALICE, BOB, CAROL, MESSAGE, Manner, hand_one, hand_over, opened
from tests.mail.virtual import in_virtual_time

ROUND_TRIP = 0.02
READERS = [f"reader-{number}@example.org" for number in range(50)]


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FaultyRelay, "offers", ("PIPELINING", "SIZE 1000000"))
    monkeypatch.setattr(handing.HAND, "manner", Manner.ahead)


def test_the_next_letter_is_announced_together_with_the_dot_before_it():
    heard: list[bytes] = []

    class Packets(FaultyRelay):
        async def serve(self, reader, writer):
            feed = reader.feed_data
            reader.feed_data = lambda data: (heard.append(bytes(data)), feed(data))
            await super().serve(reader, writer)

    hand_over(Packets([]), ALICE, BOB)

    envelope = b"MAIL FROM:<post@example.org>\r\nRCPT TO:<%b@example.org>\r\nDATA\r\n"
    assert envelope % b"alice" in heard
    assert heard[2].endswith(b"\r\n.\r\n" + envelope % b"bob")


def test_a_relay_that_does_not_offer_it_is_asked_one_command_at_a_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(FaultyRelay, "offers", ("SIZE 1000000",))

    handed = hand_one(FaultyRelay([Fault("MAIL", says("250 fine", after=1)), Fault("RCPT", says("250 fine", after=1))]))

    assert (handed.kind, handed.seconds) == ("sent", pytest.approx(2))


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_relay_that_forgets_the_rest_of_a_group_gets_the_letter_one_command_at_a_time(step: str):
    forgets = Answer(line=b"250 fine\r\n", forgets=True)

    handed = hand_over(relay := FaultyRelay([Fault(step, forgets)]), ALICE, BOB)

    assert [one.kind for one in handed] == ["sent", "sent"]
    assert handed[0].seconds == pytest.approx({"MAIL": 300, "RCPT": 120}[step])
    assert [one.recipient for one in relay.accepted] == [ALICE, BOB]


def test_a_relay_that_forgets_what_came_with_a_dot_has_sent_that_letter_and_gets_the_next_by_another_line():
    forgets = Answer(line=b"250 queued\r\n", forgets=True)

    handed = hand_over(relay := FaultyRelay([Fault("dot", forgets)]), ALICE, BOB, CAROL)

    assert [one.kind for one in handed] == ["sent", "sent", "sent"]
    assert [one.recipient for one in relay.accepted] == [ALICE, BOB, CAROL]


def test_a_relay_that_answers_a_dot_twice_has_sent_that_letter_and_spoils_no_other():
    twice = Answer(line=b"250 queued\r\n550 5.1.1 no such user\r\n")

    handed = hand_over(relay := FaultyRelay([Fault("dot", twice, letter=1)]), ALICE, BOB, CAROL)

    assert (handed[0].kind, handed[2].kind) == ("sent", "sent")
    assert (handed[1].kind, handed[1].outcome.bad_address) == ("soft", False)
    assert [one.recipient for one in relay.accepted] == [ALICE, CAROL]


def test_a_refused_recipient_whose_message_is_asked_for_all_the_same_gets_none():
    script = [Fault("RCPT", says("550 5.1.1 no such user"), recipient=ALICE), Fault("DATA", says("354 go on"))]

    handed = hand_over(relay := FaultyRelay(script), ALICE, BOB)

    assert [(one.kind, one.outcome.bad_address) for one in handed] == [("hard", True), ("sent", False)]
    assert (relay.connections, [one.recipient for one in relay.accepted]) == (2, [BOB])


def test_a_refused_recipient_costs_no_connection_where_the_relay_asks_for_no_message():
    script = [Fault("RCPT", says("550 5.1.1 no such user"), recipient=BOB)]

    handed = hand_over(relay := FaultyRelay(script), ALICE, BOB, CAROL)

    assert [one.kind for one in handed] == ["sent", "hard", "sent"]
    assert relay.connections == 1


@pytest.mark.parametrize("then", [Then.hangs_up, Then.resets])
def test_a_letter_announced_to_a_relay_that_goes_after_the_dot_before_it_goes_at_once_by_another_line(then: Then):
    going = says("250 queued", then=then)

    handed = hand_over(relay := FaultyRelay([Fault("dot", going)]), ALICE, BOB, CAROL)

    assert [one.kind for one in handed] == ["sent", "sent", "sent"]
    assert (relay.connections, [one.recipient for one in relay.accepted]) == (3, [ALICE, BOB, CAROL])


def test_another_letter_than_the_announced_one_is_never_sent_in_its_place():
    relay = FaultyRelay([])

    async def talk() -> bool:
        async with listening(relay) as port:
            line = await opened(port)
            await send(line, ALICE, ahead=BOB)
            with pytest.raises(ValueError, match=CAROL):
                await send(line, CAROL)
            return line.usable

    assert not in_virtual_time(talk())
    assert [one.recipient for one in relay.accepted] == [ALICE]


def test_with_20_ms_to_each_answer_a_line_carries_at_least_three_and_a_half_times_as_many_letters():
    singly = seconds_for(READERS, pipelining=False)
    ahead = seconds_for(READERS, pipelining=True)

    assert singly == pytest.approx(4 * ROUND_TRIP * len(READERS), rel=0.05)
    assert singly >= 3.5 * ahead


def seconds_for(recipients: Sequence[str], *, pipelining: bool) -> float:
    """Virtual seconds for letters to these over one line on which all takes the same time to and fro."""

    async def talk() -> float:
        async with listening(FaultyRelay([]), delay=ROUND_TRIP) as port:
            line = await opened(port, pipelining=pipelining)
            clock = asyncio.get_running_loop().time
            began = clock()
            for recipient, following in zip(recipients, (*recipients[1:], None), strict=True):
                await send(line, recipient, ahead=following)
            took = clock() - began
            await line.close()
            return took

    return in_virtual_time(talk())


async def send(line: Connection, recipient: str, *, ahead: str | None = None) -> None:
    async def message() -> bytes:
        return MESSAGE

    following = ("post@example.org", ahead) if ahead else None
    await line.send(sender="post@example.org", recipient=recipient, before_data=message, ahead=lambda: following)
