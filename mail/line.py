"""The line to a relay: what is asked over it, and what is answered."""

import asyncio
import contextlib
from collections import deque
from typing import Final, NamedTuple, Protocol

import aiosmtplib

from mail.opening import spoke_twice
from mail.replies import tidy

DOT: Final = b".\r\n"
_SLOW_READER: Final = 0.005
"""Seconds between two looks whether a relay has read what it was sent."""


class Stuffed(bytes):
    """A message that goes over the line as it is: every line ends in CRLF, and none begins with a dot that counts."""


class Reply(NamedTuple):
    """A relay's answer; `words` are one line."""

    code: int
    words: str


class NoReply(Exception):
    """Nothing came that can be read as a reply; its text says what happened instead."""


class TooLate(NoReply):
    """The line is still open, but nothing came in time."""


class Line(Protocol):
    """One open line. Commands are asked in groups; they are answered one by one, in their order."""

    pipelining: bool
    """Whether a group is on its way at once, so that what follows a refused command was asked all the same."""

    @property
    def is_open(self) -> bool: ...

    @property
    def spoke_twice(self) -> bool:
        """Whether all that was asked is answered, and yet there is more."""

    def ask(self, *commands: bytes) -> None: ...

    def heard(self) -> Reply | None:
        """The reply to the first of what is asked and not answered, if it is there already."""

    async def answer(self, timeout: float) -> Reply:
        """The same, waiting for it. Raises NoReply."""

    async def write(self, body: bytes, timeout: float) -> bool:
        """Whether all of it is on its way, and nothing waits on our side any more."""

    def dot(self, *ahead: bytes) -> None:
        """Ends a message, and asks what comes after it in the same packet."""

    async def withdraw(self, timeout: float) -> bool:
        """Nobody wants the other answers of the group; whether the line is then in no message. Raises NoReply."""

    def cut(self) -> None:
        """Closes at once: what still waits on our side is not sent any more."""

    async def quit(self, timeout: float) -> None:
        """Says goodbye, if the relay still listens, and closes; never fails."""


class ClientLine:
    """One command at a time, through the client that opened the line."""

    pipelining = False

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        self._asked: deque[bytes] = deque()

    @property
    def is_open(self) -> bool:
        return self._client.is_connected

    @property
    def spoke_twice(self) -> bool:
        return spoke_twice(self._client)

    def ask(self, *commands: bytes) -> None:
        self._asked.extend(commands)

    def heard(self) -> Reply | None:
        return None

    async def answer(self, timeout: float) -> Reply:
        try:
            code, words = await self._next(timeout)
        except aiosmtplib.SMTPTimeoutError as error:
            raise TooLate(tidy(error.message)) from error
        except aiosmtplib.SMTPException as error:
            raise NoReply(tidy(error.message)) from error
        return Reply(code, tidy(words))

    async def _next(self, timeout: float) -> aiosmtplib.SMTPResponse:
        if self._asked:
            return await self._client.execute_command(self._asked.popleft(), timeout=timeout)
        if self._client.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return await self._client.protocol.read_response(timeout=timeout)

    async def write(self, body: bytes, timeout: float) -> bool:
        """Not by the client's own `data()`, which cannot stop before the dot."""
        transport = self._client.transport
        if transport is None:
            return True
        transport.write(body)  # type: ignore[attr-defined]  # as with abort
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await asyncio.sleep(0)
                while transport.get_write_buffer_size() and not transport.is_closing():  # type: ignore[attr-defined]
                    await asyncio.sleep(_SLOW_READER)
                return True
        return False

    def dot(self, *ahead: bytes) -> None:
        self._client.transport.write(DOT)  # type: ignore[union-attr]
        self.ask(*ahead)

    async def withdraw(self, timeout: float) -> bool:  # noqa: ARG002 - as in Line
        self._asked.clear()
        return True

    def cut(self) -> None:
        transport = self._client.transport
        if transport is not None:
            transport.abort()  # type: ignore[attr-defined]  # a socket's transport has it, its base class does not
        self._client.close()

    async def quit(self, timeout: float) -> None:
        if self.is_open:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=timeout)
        self._client.close()
