"""A relay that misbehaves by script, for what a well-behaved server cannot be made to do."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from tests.mail.ear import Ear
from tests.mail.faults import DROP, SILENCE, Answer, Fault, Reading, Script, Step, Then, says, told

__all__ = ["DROP", "SILENCE", "Accepted", "FaultyRelay", "listening"]

_USUAL: Final[dict[Step, Answer | Reading]] = {
    "greeting": says("220 faulty ready"),
    "HELO": says("250 faulty"),
    "MAIL": says("250 2.1.0 fine"),
    "RCPT": says("250 2.1.5 fine"),
    "DATA": says("354 go on"),
    "body": Reading(),
    "dot": says("250 2.0.0 queued as 1"),
    "RSET": says("250 2.0.0 forgotten"),
    "QUIT": says("221 2.0.0 bye", then=Then.hangs_up),
}
_TOO_EARLY: Final = says("503 5.5.1 not yet")
_TLS: Final = says("220 go on in secret")
_UNKNOWN: Final = says("500 5.5.1 what?")
_TOO_MANY: Final = says("421 4.7.0 too many connections", then=Then.hangs_up)
_SENDER: Final = re.compile(r"MAIL FROM:<(.*?)>", re.IGNORECASE)
_RECIPIENT: Final = re.compile(r"RCPT TO:<(.*)>", re.IGNORECASE)


@dataclass(frozen=True)
class Accepted:
    """A message that the relay has taken upon itself, as it came over the line, up to its dot."""

    recipient: str
    message: bytes


@dataclass
class Place:
    """Where one conversation has come to."""

    connection: int
    letter: int = 0
    sender: str = ""
    recipient: str = ""
    begun: bool = False
    """Whether the last MAIL was accepted."""
    somebody: bool = False
    """Whether a recipient was accepted since the last MAIL."""
    forgets: bool = False
    data_began: bool = False
    message: bytes = b""


class FaultyRelay:
    """Does at each step what its script says, else what a good relay does; `most_connections` are greeted at a time.

    Keeps what it was told: `commands`, and in `messages` each message as it came over the line, up to its dot, with
    the return path of each in `senders`. Of these `accepted` has the ones that it took: all but those refused, whether
    or not anybody could hear so.
    """

    offers: tuple[str, ...] = ()
    """What it says to EHLO, unless its script has other words."""
    tls: ssl.SSLContext | None = None
    """What it answers STARTTLS with."""

    def __init__(self, script: Script, *, most_connections: int | None = None) -> None:
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.senders: list[str] = []
        self.accepted: list[Accepted] = []
        self.connections = 0
        self._letters = 0
        self._most = most_connections
        self._faults = told(script)
        self._done = [0] * len(self._faults)
        self._places: dict[asyncio.StreamWriter, Place] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._places[writer] = Place(self.connections)
        try:
            if await self._answer(writer, "greeting"):
                await self._listen(Ear(reader), writer)
        except ConnectionError:
            pass
        finally:
            del self._places[writer]
            writer.close()

    async def _listen(self, ear: Ear, writer: asyncio.StreamWriter) -> None:
        place = self._places[writer]
        while line := await ear.line():
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            self.commands.append(command)
            verb = command.partition(" ")[0].upper()
            self._note(place, verb, command)
            if not await self._answer(writer, verb):
                return
            if place.forgets:
                ear.forget()
            if verb == "STARTTLS" and self.tls:
                await writer.start_tls(self.tls)
            if verb == "DATA" and place.data_began and not await self._take(ear, writer):
                return

    def _note(self, place: Place, verb: str, command: str) -> None:
        if verb == "MAIL":
            self._letters += 1
            place.letter, place.recipient, place.somebody = self._letters, "", False
            sender = _SENDER.match(command)
            place.sender = sender[1] if sender else ""
        if recipient := _RECIPIENT.match(command):
            place.recipient = recipient[1]

    async def _take(self, ear: Ear, writer: asyncio.StreamWriter) -> bool:
        place = self._places[writer]
        reading = self._next("body", place)
        assert isinstance(reading, Reading)
        message = await ear.message(reading)
        if message is None:
            return False
        place.message = message
        self.messages.append(message)
        self.senders.append(place.sender)
        going_on = await self._answer(writer, "dot")
        if place.forgets:
            ear.forget()
        return going_on

    async def _answer(self, writer: asyncio.StreamWriter, step: Step) -> bool:
        """Whether the conversation goes on after the answer to this step."""
        place = self._places[writer]
        answer = self._next(step, place)
        assert isinstance(answer, Answer)
        place.data_began = step == "DATA" and answer.line.startswith(b"354")
        place.forgets = answer.forgets
        if step == "MAIL":
            place.begun = answer.line.startswith(b"250")
        if step == "RCPT":
            place.somebody = answer.line.startswith(b"250")
        if step == "dot" and answer.takes_the_message:
            self.accepted.append(Accepted(place.recipient, place.message))
        await asyncio.sleep(answer.after)
        await _utter(writer, answer)
        if answer.then is Then.resets:
            _reset(writer)
        return answer.then is Then.listens

    def _next(self, step: Step, place: Place) -> Answer | Reading:
        if step == "greeting" and self._most is not None and len(self._places) > self._most:
            return _TOO_MANY
        for number, fault in enumerate(self._faults):
            if _fits(fault, step, place) and (fault.times is None or self._done[number] < fault.times):
                self._done[number] += 1
                return fault.does
        if step == "STARTTLS" and self.tls:
            return _TLS
        if step == "EHLO":
            return _hello(self.offers)
        if (step == "RCPT" and not place.begun) or (step == "DATA" and not place.somebody):
            return _TOO_EARLY
        return _USUAL.get(step, _UNKNOWN)


def _hello(offers: tuple[str, ...]) -> Answer:
    *more, last = ("faulty", *offers)
    return says("".join(f"250-{line}\r\n" for line in more) + f"250 {last}")


def _fits(fault: Fault, step: Step, place: Place) -> bool:
    return (
        fault.step == step
        and fault.recipient in (None, place.recipient)
        and fault.letter in (None, place.letter)
        and fault.connection in (None, place.connection)
    )


async def _utter(writer: asyncio.StreamWriter, answer: Answer) -> None:
    for number, packet in enumerate(answer.cut()):
        if number:
            await asyncio.sleep(answer.pause)
        writer.write(packet)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closes so that the other side hears of an error, not of an end."""
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def listening(
    relay: FaultyRelay, *, on: socket.socket | None = None, to_the_end: bool = False, delay: float = 0
) -> AsyncIterator[int]:
    """The port this relay listens on, until the block ends; `on` is a socket that is bound already.

    With a `delay`, all that is sent to the relay is heard so many seconds later, in its order.

    Then conversations are broken off, or `to_the_end` waited for: the relay may still hear what was sent to it.
    """
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A second small answer would else wait for the first one's acknowledgement, which is real time.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if delay:
            _delay(reader, delay)
        talks.add(asyncio.ensure_future(relay.serve(reader, writer)))

    if on is None:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
    else:
        server = await asyncio.start_server(accept, sock=on)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for talk in () if to_the_end else talks:
            talk.cancel()
        await asyncio.gather(*(_ended(talk) for talk in talks))
        await server.wait_closed()


def _delay(reader: asyncio.StreamReader, seconds: float) -> None:
    heard, ended, later = reader.feed_data, reader.feed_eof, asyncio.get_running_loop().call_later
    reader.feed_data = lambda data: later(seconds, heard, bytes(data))  # type: ignore[method-assign]
    reader.feed_eof = lambda: later(seconds, ended)  # type: ignore[method-assign]


async def _ended(talk: asyncio.Task[None]) -> None:
    """Waits for a talk that may have been broken off; a mistake of the relay's own is raised here."""
    with suppress(asyncio.CancelledError):
        await talk
