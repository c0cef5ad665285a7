"""Handing letters to a faulty relay in virtual time, as a courier does: a new line when the last is of no use."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from mail.opening import RelayDown, RelaySettings
from mail.relay import Connection
from mail.replies import Outcome, OutcomeKind
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.virtual import in_virtual_time

MESSAGE = b"Subject: One\r\n\r\n.first\r\n..second\r\n"
ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"


class Manner(StrEnum):
    """How letters go over a line."""

    singly = "one command at a time"
    grouped = "the commands of a letter in one packet"
    ahead = "and together with the dot of the letter before"


@dataclass
class Hand:
    """The manner in which this module hands letters over; the relay must be told as well."""

    manner: Manner = Manner.singly


HAND = Hand()


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
            for recipient, following in zip(recipients, (*recipients[1:], None), strict=True):
                try:
                    line, letter = await _until_begun(port, line, recipient, message, following)
                    handed.append(letter)
                except RelayDown as error:
                    line = None
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


async def _until_begun(
    port: int, line: Connection | None, recipient: str, message: bytes, following: str | None
) -> tuple[Connection, Handed]:
    """A letter that was not begun goes by another line, as from a courier."""
    began = asyncio.get_running_loop().time()
    grouped = True
    while True:
        if line and not line.usable:
            line.drop()
            line = None
        line = line or await opened(port, pipelining=grouped)
        letter = await one_letter(line, recipient, message, following)
        if letter.kind != OutcomeKind.not_begun:
            return line, replace(letter, seconds=asyncio.get_running_loop().time() - began)
        grouped = not line.lost_step


async def opened(port: int, *, pipelining: bool = True) -> Connection:
    return await Connection.open(settings(port), local_hostname="sender.example", pipelining=pipelining)


async def one_letter(
    line: Connection, recipient: str, message: bytes = MESSAGE, following: str | None = None
) -> Handed:
    async def the_message() -> bytes:
        return message

    clock = asyncio.get_running_loop().time
    started = clock()
    outcome = await line.send(
        sender="post@example.org",
        recipient=recipient,
        before_data=the_message,
        ahead=lambda: ("post@example.org", following) if following and HAND.manner is Manner.ahead else None,
    )
    return Handed(outcome, line.usable, clock() - started)
