"""A relay that lives as long as the suite. It answers each reader's letters as it is told, and notes what it hears."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tests.mail.faulty import listening

DROP: Final = "drop"
TAKE: Final = "take and drop"
FINE: Final = "250 2.0.0 fine"
_WORD: Final = re.compile(rb"zq\d{4}qz")
_MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)


class Answer(NamedTuple):
    """What the relay says at one stage of a letter; to all others it says yes."""

    stage: str
    reply: str


class Heard(NamedTuple):
    """A letter that came up to its dot. `taken` says whether it reaches the reader."""

    address: str
    message_id: str
    words: frozenset[str]
    raw: bytes
    taken: bool


@dataclass
class Relay:
    heard: list[Heard] = field(default_factory=list)
    blamed: set[str] = field(default_factory=set)
    """Readers whose address the relay has called wrong."""
    down: bool = False
    script: dict[str, list[Answer]] = field(default_factory=dict)
    interruptions: list[tuple[str, str, Callable[[], None]]] = field(default_factory=list)
    """(address, stage, what somebody does then), each once."""
    port: int = 0
    _talks: set[asyncio.StreamWriter] = field(default_factory=set)

    def behave(self, script: Mapping[str, Sequence[Answer]], *, down: bool = False) -> None:
        """Answer so from now on; each reader's answers are used one letter after the other."""
        self.script = {address: list(answers) for address, answers in script.items()}
        self.interruptions = []
        self.down = down

    def forget(self) -> None:
        self.heard, self.blamed = [], set()
        self.behave({})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.add(writer)
        try:
            if not self.down:
                await self._say(writer, "220 year ready")
                await self._listen(reader, writer)
        except (ConnectionError, EOFError):
            pass
        finally:
            self._talks.discard(writer)
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, answer = "", Answer("", FINE)
        while line := await reader.readline():
            command = line.decode("ascii").rstrip()
            verb = command.partition(" ")[0].upper()
            if self.down:
                return
            if verb == "RCPT":
                address = command.partition("<")[2].partition(">")[0]
                answer = self._next(address)
            if verb == "DATA":
                if not await self._take(reader, writer, address, answer):
                    return
            elif not await self._reply(writer, verb, address, answer, "250 year"):
                return

    def _next(self, address: str) -> Answer:
        left = self.script.get(address)
        return left.pop(0) if left else Answer("", FINE)

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, answer: Answer
    ) -> bool:
        if not await self._reply(writer, "DATA", address, answer, "354 go on"):
            return False
        if answer.stage == "DATA":
            return True
        if answer.stage == "body":
            return False
        raw = await reader.readuntil(b"\r\n.\r\n")
        await self._interrupted(address, "dot")
        reply = answer.reply if answer.stage == "dot" else FINE
        self.heard.append(_heard(address, raw, taken=reply[:1] == "2" or reply == TAKE))
        return await self._say(writer, reply)

    async def _reply(self, writer: asyncio.StreamWriter, verb: str, address: str, answer: Answer, usual: str) -> bool:
        if verb not in ("RCPT", "DATA"):
            return await self._say(writer, usual)
        await self._interrupted(address, verb)
        reply = answer.reply if answer.stage == verb else usual
        if verb == "RCPT" and "5.1.1" in reply:
            self.blamed.add(address)
        return await self._say(writer, reply)

    async def _interrupted(self, address: str, stage: str) -> None:
        for one in [one for one in self.interruptions if one[:2] == (address, stage)]:
            self.interruptions.remove(one)
            await asyncio.to_thread(one[2])

    async def _say(self, writer: asyncio.StreamWriter, reply: str) -> bool:
        if reply in (DROP, TAKE):
            return False
        writer.write(reply.encode("ascii") + b"\r\n")
        await writer.drain()
        return not reply.startswith("421")


def _heard(address: str, raw: bytes, *, taken: bool) -> Heard:
    found = _MESSAGE_ID.search(raw)
    assert found is not None
    words = frozenset(word.decode() for word in _WORD.findall(raw.replace(b"=\r\n", b"")))
    return Heard(address, found[1].decode(), words, raw, taken)


@contextmanager
def running(relay: Relay) -> Iterator["Quiet"]:
    """The relay on a thread of its own until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = listening(relay)  # type: ignore[arg-type]  # it serves
    try:
        relay.port = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield Quiet(relay, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Quiet:
    """Waits until the relay has heard the last of what was said to it."""

    relay: Relay
    loop: asyncio.AbstractEventLoop

    def __call__(self) -> None:
        asyncio.run_coroutine_threadsafe(self._ended(), self.loop).result(timeout=60)

    async def _ended(self) -> None:
        while self.relay._talks:
            await asyncio.sleep(0.001)
