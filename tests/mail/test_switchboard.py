"""Several relays in order of preference, in virtual time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mail.opening import RelayDown
from mail.relay import Connection
from mail.switchboard import NoRoom, Switchboard
from tests.mail.faults import Fault, says
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.handing import ALICE, BOB, CAROL, one_letter, settings
from tests.mail.virtual import in_virtual_time


def board(*ports: int, **changes: object) -> Switchboard:
    """Two lines to each relay, where the changes to its settings do not say otherwise."""
    relays = [replace(settings(port), name=f"relay {place}", **changes) for place, port in enumerate(ports)]
    return Switchboard(relays, connections=2)


def sent_by(*relays: FaultyRelay) -> list[list[str]]:
    return [[one.recipient for one in relay.accepted] for relay in relays]


async def handed(switchboard: Switchboard, *recipients: str) -> None:
    """One letter after the other, each over a line that is asked for anew."""
    for recipient in recipients:
        line = await switchboard.line()
        await one_letter(line, recipient)
        switchboard.take_back(line)


def test_letters_go_by_the_first_relay_while_it_is_up():
    first, second = FaultyRelay([]), FaultyRelay([])

    async def talk() -> None:
        async with listening(first) as one, listening(second) as other:
            await handed(switchboard := board(one, other), ALICE, BOB)
            await switchboard.hang_up()

    in_virtual_time(talk())

    assert sent_by(first, second) == [[ALICE, BOB], []]
    assert (first.connections, second.connections) == (1, 0)


def test_the_second_relay_takes_over_while_the_first_is_down_and_gives_back_after():
    first, second = FaultyRelay([Fault("greeting", says("421 4.3.2 not now"), connection=1)]), FaultyRelay([])

    async def talk() -> None:
        async with listening(first) as one, listening(second) as other:
            switchboard = board(one, other)
            await handed(switchboard, ALICE)
            await asyncio.sleep(14)
            await handed(switchboard, BOB)
            await asyncio.sleep(2)
            await handed(switchboard, CAROL)
            await switchboard.hang_up()

    in_virtual_time(talk())

    assert sent_by(first, second) == [[CAROL], [ALICE, BOB]]
    assert first.connections == 2  # while it rested, nobody asked


def test_a_relay_that_stays_down_is_asked_ever_more_rarely():
    first, second = FaultyRelay([Fault("greeting", says("554 5.3.2 no service"))]), FaultyRelay([])

    async def talk() -> None:
        async with listening(first) as one, listening(second) as other:
            switchboard = board(one, other)
            for _ in range(3_600):
                await handed(switchboard, ALICE)
                await asyncio.sleep(1)
            await switchboard.hang_up()

    in_virtual_time(talk())

    assert first.connections == 7  # after 0, 15, 60, 300, 900, 900, 900 s
    assert len(second.accepted) == 3_600


def test_when_all_are_down_the_first_one_is_named_and_all_are_tried_again_at_once():
    down = [FaultyRelay([Fault("greeting", says("421 4.3.2 not now"), connection=1)]) for _ in range(2)]

    async def talk() -> str:
        async with listening(down[0]) as one, listening(down[1]) as other:
            switchboard = board(one, other)
            with pytest.raises(RelayDown) as error:
                await switchboard.line()
            await handed(switchboard, ALICE)
            await switchboard.hang_up()
            return str(error.value)

    told = in_virtual_time(talk())

    assert told.startswith("relay relay 0 at ")
    assert sent_by(*down) == [[ALICE], []]


def test_a_relay_has_as_many_lines_as_it_may_and_no_more():
    relay = FaultyRelay([])

    async def talk() -> None:
        async with listening(relay) as port:
            switchboard = board(port, connections=3)
            lines = [await switchboard.line() for _ in range(switchboard.lines)]
            with pytest.raises(NoRoom):
                await switchboard.line()
            switchboard.take_back(lines.pop())
            await switchboard.line()

    in_virtual_time(talk())

    assert relay.connections == 3


def test_a_relay_that_allows_fewer_lines_is_not_down():
    first, second = FaultyRelay([], most_connections=1), FaultyRelay([])

    async def talk() -> None:
        async with listening(first) as one, listening(second) as other:
            switchboard = board(one, other)
            line = await switchboard.line()
            with pytest.raises(NoRoom):
                await switchboard.line()
            await one_letter(line, ALICE)
            switchboard.take_back(line)
            await handed(switchboard, BOB)
            await switchboard.hang_up()

    in_virtual_time(talk())

    assert sent_by(first, second) == [[ALICE, BOB], []]


def test_a_line_carries_as_many_letters_as_it_may_and_is_ended_with_a_good_bye():
    relay = FaultyRelay([])

    async def talk() -> None:
        async with listening(relay, to_the_end=True) as port:
            switchboard = board(port, letters=2)
            line: Connection | None = None
            for recipient in (ALICE, BOB, CAROL):
                line = line if line and line.usable else await switchboard.line(line)
                await one_letter(line, recipient)
            await line.close()

    in_virtual_time(talk())

    assert relay.connections == 2
    assert [command for command in relay.commands if command[:4] in ("MAIL", "QUIT")] == [
        "MAIL FROM:<post@example.org>",
        "MAIL FROM:<post@example.org>",
        "QUIT",
        "MAIL FROM:<post@example.org>",
        "QUIT",
    ]


def test_a_relay_that_lost_step_is_asked_one_command_at_a_time_from_then_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(FaultyRelay, "offers", ("PIPELINING",))
    relay = FaultyRelay([Fault("RCPT", says("250 fine\r\n250 fine"), times=1)])

    async def talk() -> list[bool]:
        async with listening(relay) as port:
            switchboard = board(port)
            line = await switchboard.line()
            await one_letter(line, ALICE)
            other = await switchboard.line(line)
            await one_letter(other, BOB)
            return [line.pipelining, other.pipelining]

    assert in_virtual_time(talk()) == [True, False]
    assert sent_by(relay) == [[BOB]]


@asynccontextmanager
async def nobody() -> AsyncIterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_relay_where_nobody_listens_is_passed_over():
    second = FaultyRelay([])

    async def talk() -> None:
        async with nobody() as one, listening(second) as other:
            await handed(switchboard := board(one, other), ALICE)
            await switchboard.hang_up()

    in_virtual_time(talk())

    assert sent_by(second) == [[ALICE]]
