"""The port at which bounces come in, by SMTP (RFC 5321) or LMTP (RFC 2033).

It takes mail to our own return paths and nothing else, sends none, and keeps no more of a message than is ever read.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread
from typing import Final, Literal

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from db.errors import FascicleError
from mail.headers import one_line
from mail.mime import MOST_BYTES, MessageRefused

log = structlog.get_logger()

Take = Callable[[bytes, str], object]
"""Takes a message and the address it was for."""

MOST_CONVERSATIONS: Final = 20
_PATIENCE: Final = 120
"""Seconds that one command, or one message, may take."""
_LONGEST_LINE: Final = 65_536
_LATER: Final = "451 4.3.0 not now, try again later"


class DoorShut(FascicleError):
    """The port cannot be opened."""


@dataclass(frozen=True)
class DoorSettings:
    host: str
    port: int
    protocol: Literal["smtp", "lmtp"]


class Door:
    """Open from `open` to `close`, on a thread of its own; the store is touched on another, one message at a time."""

    def __init__(self, settings: DoorSettings, *, takes: Callable[[str], bool], take: Take) -> None:
        self._settings = settings
        self._clerk = _Clerk(takes, take)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="bounces", daemon=True)
        self._server: asyncio.Server | None = None

    def open(self) -> int:
        """Begin to listen; gives the port. Raises DoorShut, and may be asked again then."""
        host, port = self._settings.host, self._settings.port
        try:
            self._server = self._loop.run_until_complete(self._loop.create_server(self._greeted, host, port))
        except OSError as error:
            where = f"bounces.{self._settings.protocol}: {host}:{port}"
            reason = one_line(error.strerror or str(error))
            raise DoorShut(f"{where} cannot be opened: {reason}; free the port, or name another one") from None
        self._thread.start()
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """End it all; a message whose taking has begun is still taken."""
        if self._server is not None:
            asyncio.run_coroutine_threadsafe(self._shut(self._server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()
        self._clerk.pool.shutdown()

    def _greeted(self) -> asyncio.Protocol:
        if len(self._clerk.talking) >= MOST_CONVERSATIONS:
            return _Busy()
        kind = _Conversation if self._settings.protocol == "smtp" else _LmtpConversation
        return kind(self._clerk, loop=self._loop, ident="Fascicle", timeout=_PATIENCE, data_size_limit=None)

    async def _shut(self, server: asyncio.Server) -> None:
        server.close()
        for transport in list(self._clerk.talking):
            transport.abort()
        await server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


class _Clerk:
    """What aiosmtpd asks before it takes a message, and who takes it."""

    def __init__(self, takes: Callable[[str], bool], take: Take) -> None:
        self._takes = takes
        self._take = take
        self.pool = ThreadPoolExecutor(1, "bounces")
        self.talking: set[asyncio.Transport] = set()

    async def handle_RCPT(  # noqa: N802 - its name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._takes(address):
            return "550 5.1.1 no return path of ours"
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient for each message"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ours"

    def take(self, data: bytes, recipient: str) -> str:
        """Takes a message; gives the reply. What cannot be taken now stays with whoever brings it."""
        try:
            self._take(data, recipient)
        except MessageRefused as error:
            log.warning("bounce refused", problem=str(error))
            return f"554 5.6.0 {error}"
        except FascicleError as error:
            log.error("bounce not taken", problem=str(error))
            return _LATER
        except Exception:
            # A bug; the log has it, and the message waits outside until it is mended.
            log.exception("bounce not taken")
            return _LATER
        return "250 2.0.0 taken"


class _Conversation(SMTP):
    """With one client. It reads a message of any length, and keeps its beginning."""

    line_length_limit = _LONGEST_LINE
    event_handler: _Clerk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.event_handler.talking.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        assert self.transport is not None
        self.event_handler.talking.discard(self.transport)
        super().connection_lost(error)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - its name
        assert self.envelope is not None
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA stands alone" if arg else "503 5.5.1 RCPT comes first")
            return
        await self.push("354 go on")
        data, [recipient] = await self._message(), self.envelope.rcpt_tos
        reply = await asyncio.get_running_loop().run_in_executor(
            self.event_handler.pool, self.event_handler.take, data, recipient
        )
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(reply)

    async def _message(self) -> bytes:
        """What comes up to the dot, as far as it is ever read."""
        kept, begins = bytearray(), True
        while (piece := await self._piece()) != b".\r\n" or not begins:
            if len(kept) < MOST_BYTES:
                kept += piece[1:] if begins and piece.startswith(b".") else piece
            begins = piece.endswith(b"\r\n")
        return bytes(kept[:MOST_BYTES])

    async def _piece(self) -> bytes:
        """The next line, or a piece of one that is too long."""
        try:
            return await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as error:
            return await self._reader.read(error.consumed)


class _LmtpConversation(_Conversation, LMTP):
    """The same, with another greeting. One recipient a message, so that there is one reply to each, too."""


class _Busy(asyncio.Protocol):
    """For whom there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"421 4.3.2 too many connections, try again later\r\n")
        transport.close()
