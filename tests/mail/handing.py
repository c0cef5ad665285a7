"""Handing letters to a faulty relay in virtual time, as a courier does: a new line when the last is of no use."""

import asyncio
from dataclasses import dataclass

from mail.opening import RelayDown, RelaySettings
from mail.relay import Connection
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
    """A letter to each recipient, one after the other. Raises RelayDown when one had no line."""
    handed = hand_as_far_as_possible(relay, *recipients, message=message)
    for letter in handed:
        if isinstance(letter, RelayDown):
            raise letter
    return [letter for letter in handed if isinstance(letter, Handed)]


def hand_as_far_as_possible(relay: FaultyRelay, *recipients: str, message: bytes = MESSAGE) -> list[Handed | RelayDown]:
    """The same with a relay that may give no line for a letter: its error then stands in the letter's place."""

    async def talk() -> list[Handed | RelayDown]:
        handed: list[Handed | RelayDown] = []
        line: Connection | None = None
        async with listening(relay, to_the_end=True) as port:
            for recipient in recipients:
                try:
                    line = line if line and line.usable else await opened(port)
                    handed.append(await one_letter(line, recipient, message))
                except RelayDown as error:
                    handed.append(error)
            if line is not None:
                await line.close()
        return handed

    return in_virtual_time(talk())


def hand_one(relay: FaultyRelay, message: bytes = MESSAGE) -> Handed:
    """A letter to Alice."""
    return hand_over(relay, ALICE, message=message)[0]


def down(relay: FaultyRelay) -> tuple[RelayDown, float]:
    """The error of a relay that gives no line, and after how many seconds it is known."""

    async def call() -> tuple[RelayDown, float]:
        async with listening(relay, to_the_end=True) as port:
            try:
                await opened(port)
            except RelayDown as error:
                return error, asyncio.get_running_loop().time()
            raise AssertionError("the relay is not down")

    return in_virtual_time(call())


async def opened(port: int) -> Connection:
    return await Connection.open(settings(port), local_hostname="sender.example")


async def one_letter(line: Connection, recipient: str, message: bytes = MESSAGE) -> Handed:
    async def the_message() -> bytes:
        return message

    clock = asyncio.get_running_loop().time
    started = clock()
    outcome = await line.send(sender="post@example.org", recipient=recipient, before_data=the_message)
    return Handed(outcome, line.usable, clock() - started)
