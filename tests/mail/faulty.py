"""A relay that misbehaves by script, for what a well-behaved server cannot be made to do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

DROP: Final = "drop"
SILENCE: Final = "silence"
_USUAL: Final = {
    "greeting": "220 faulty ready",
    "EHLO": "250 faulty",
    "MAIL": "250 2.1.0 fine",
    "RCPT": "250 2.1.5 fine",
    "DATA": "354 go on",
    "dot": "250 2.0.0 queued as 1",
    "RSET": "250 2.0.0 forgotten",
    "QUIT": "221 2.0.0 bye",
}


class FaultyRelay:
    """Answers each stage by its script; a list answers one letter after the other, `DROP` hangs up instead.

    Keeps what it was told: `commands`, and in `messages` each message as it came over the line, up to its dot.
    """

    def __init__(self, script: Mapping[str, str | list[str]]) -> None:
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self._script = {stage: [reply] if isinstance(reply, str) else list(reply) for stage, reply in script.items()}

    def _reply(self, stage: str) -> str:
        replies = self._script.get(stage) or [_USUAL.get(stage, "500 5.5.1 what?")]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._answer(writer, "greeting"):
                await self._listen(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            command = line.decode("ascii", "replace").rstrip("\r\n")
            self.commands.append(command)
            verb = command.partition(" ")[0]
            if not await self._answer(writer, verb):
                return
            if verb == "DATA" and self._started and not await self._take(reader, writer):
                return

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self._script.get("body") == [DROP]:
            return False
        try:
            self.messages.append(await reader.readuntil(b"\r\n.\r\n"))
        except asyncio.IncompleteReadError:  # hung up before the dot
            return False
        return await self._answer(writer, "dot")

    async def _answer(self, writer: asyncio.StreamWriter, stage: str) -> bool:
        reply = self._reply(stage)
        self._started = stage == "DATA" and reply.startswith("354")
        if reply == SILENCE:
            return True
        if reply == DROP:
            return False
        writer.write(reply.encode("utf-8") + b"\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def listening(relay: FaultyRelay) -> AsyncIterator[int]:
    """The port this relay listens on, until the block ends."""
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.ensure_future(relay.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*(_ended(talk) for talk in talks))


async def _ended(talk: asyncio.Task[None]) -> None:
    """Waits for a talk that was cancelled; a mistake of the relay's own is raised here."""
    with suppress(asyncio.CancelledError):
        await talk
