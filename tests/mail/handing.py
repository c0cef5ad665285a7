"""Handing letters to a faulty relay in virtual time, as a courier does: a new line when the last is of no use."""

import asyncio
from dataclasses import dataclass

from mail.relay import Connection, RelayDown, RelaySettings
from mail.replies import Outcome
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.virtual import in_virtual_time

MESSAGE = b"Subject: One\r\n\r\n.first\r\n..second\r\n"
ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"


@dataclass(frozen=True)
class Handed:
    """What became of a letter, whether its line is usable after it, and how many seconds it took."""

    outcome: Outcome
    usable: bool
    seconds: float

    @property
    def kind(self) -> str:
        return self.outcome.kind


def settings(port: int) -> RelaySettings:
    return RelaySettings("127.0.0.1", port, "none", None, None, "main")


def hand_over(relay: FaultyRelay, *recipients: str, message: bytes = MESSAGE) -> list[Handed]:
    """A letter to each recipient, one after the other. Raises RelayDown when there is no line to be had."""

    async def talk() -> list[Handed]:
        async with listening(relay, to_the_end=True) as port:
            return await _letters(port, recipients, message)

    return in_virtual_time(talk())


def hand_one(relay: FaultyRelay, message: bytes = MESSAGE) -> Handed:
    """A letter to Alice."""
    return hand_over(relay, ALICE, message=message)[0]


def down(relay: FaultyRelay) -> tuple[RelayDown, float]:
    """The error of a relay that gives no line, and after how many seconds it is known."""

    async def call() -> tuple[RelayDown, float]:
        async with listening(relay, to_the_end=True) as port:
            try:
                await Connection.open(settings(port), local_hostname="sender.example")
            except RelayDown as error:
                return error, asyncio.get_running_loop().time()
            raise AssertionError("the relay is not down")

    return in_virtual_time(call())


async def _letters(port: int, recipients: tuple[str, ...], message: bytes) -> list[Handed]:
    handed, line = [], None
    try:
        for recipient in recipients:
            if line is None or not line.usable:
                line = await Connection.open(settings(port), local_hostname="sender.example")
            handed.append(await one_letter(line, recipient, message))
    finally:
        if line is not None:
            await line.close()
    return handed


async def one_letter(line: Connection, recipient: str, message: bytes = MESSAGE) -> Handed:
    async def the_message() -> bytes:
        return message

    clock = asyncio.get_running_loop().time
    started = clock()
    outcome = await line.send(sender="post@example.org", recipient=recipient, before_data=the_message)
    return Handed(outcome, line.usable, clock() - started)
