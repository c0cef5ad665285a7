"""What stands between a message and its dot."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mail.opening import RelaySettings
from mail.relay import Connection
from mail.replies import Outcome, OutcomeKind
from tests.mail.faulty import DROP, SILENCE, FaultyRelay, listening
from tests.mail.virtual import in_virtual_time

pytestmark = pytest.mark.usefixtures("manner")

MESSAGE = b"Subject: hello\r\n\r\nA chapter.\r\n"


def hand_over(
    relay: FaultyRelay, before_dot: Callable[[Connection], Awaitable[bool]], *, also: Callable[[Connection], None] = id
) -> tuple[Outcome, bool]:
    """What became of a letter, and whether the line is usable afterwards."""

    async def talk() -> tuple[Outcome, bool]:
        async with listening(relay) as port:
            connection = await Connection.open(RelaySettings("127.0.0.1", port, "none", None, None, "main"))

            async def message() -> bytes:
                asyncio.get_running_loop().call_later(0.05, also, connection)
                return MESSAGE

            outcome = await connection.send(
                sender="",
                recipient="alice@example.org",
                before_data=message,
                before_dot=lambda: before_dot(connection),
            )
            usable = connection.usable
            await connection.close()
            return outcome, usable

    return in_virtual_time(talk())


async def allowed(_connection: Connection) -> bool:
    return True


async def refused(_connection: Connection) -> bool:
    return False


async def after_the_line_is_lost(connection: Connection) -> bool:
    async with asyncio.timeout(30):
        while connection.usable:
            await asyncio.sleep(0.01)
    return True


def test_a_message_whose_dot_is_allowed_is_sent():
    relay = FaultyRelay({})

    outcome, usable = hand_over(relay, allowed)

    assert outcome.kind is OutcomeKind.sent
    assert relay.messages == [MESSAGE + b".\r\n"]
    assert usable


def test_a_message_whose_dot_is_refused_is_cut_off_before_it():
    relay = FaultyRelay({})

    outcome, usable = hand_over(relay, refused)

    assert outcome.kind is OutcomeKind.not_begun
    assert relay.messages == []
    assert not usable


def test_a_line_lost_before_the_dot_is_soft_and_never_in_doubt():
    outcome, usable = hand_over(FaultyRelay({"body": DROP}), after_the_line_is_lost)

    assert outcome == Outcome(OutcomeKind.soft, None, "the relay closed the connection before the dot")
    assert not usable


def test_a_letter_abandoned_before_its_dot_was_not_begun():
    outcome, usable = hand_over(FaultyRelay({"DATA": SILENCE}), allowed, also=Connection.abandon)

    assert outcome.kind is OutcomeKind.not_begun
    assert not usable


def test_a_letter_past_its_dot_is_not_abandoned():
    class Slow(FaultyRelay):
        async def _answer(self, writer: asyncio.StreamWriter, stage: str) -> bool:
            if stage == "dot":
                await asyncio.sleep(0.2)
            return await super()._answer(writer, stage)

    outcome, usable = hand_over(Slow({}), allowed, also=Connection.abandon)

    assert outcome.kind is OutcomeKind.sent
    assert usable
