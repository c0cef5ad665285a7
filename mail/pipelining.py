"""A line over which groups of commands go at once (RFC 2920): one round trip for a letter instead of four.

The client that opened the line gives its transport away: it waits for each answer before it sends the next command.
"""

import asyncio
import re
from collections import deque
from functools import lru_cache
from typing import Final, Self, cast

import aiosmtplib

from mail.line import DOT, NoReply, Reply, TooLate
from mail.replies import tidy

_LONGEST_LINE: Final = 8_192
_LONGEST_REPLY: Final = 4 * _LONGEST_LINE
_REPLY_LINE: Final = re.compile(rb"(\d{3})(?:([ -])(.*))?", re.DOTALL)  # RFC 5321, 4.2
_GO_ON: Final = 354


class PipelinedLine(asyncio.Protocol):
    """Hears replies as they come, and gives them in their order."""

    pipelining = True

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._rest = b""
        self._replies: deque[Reply] = deque()
        self._words: list[str] = []
        self._length = 0
        self._unanswered = 0
        self._silence: str | None = None
        self._listening: asyncio.Future[None] | None = None
        self._flushed = asyncio.Event()
        self._flushed.set()

    @classmethod
    def taken_over(cls, client: aiosmtplib.SMTP) -> Self:
        """The line of a client between two commands; the client must not be used any more."""
        line = cls(cast(asyncio.Transport, client.transport))
        line._transport.set_protocol(line)
        # We are told at once when anything waits on our side, and when nothing does any more. Not 0: TLS takes nothing
        # for that much, and would tell us for ever.
        line._transport.set_write_buffer_limits(high=1, low=0)
        return line

    @property
    def is_open(self) -> bool:
        return self._silence is None and not self._transport.is_closing()

    @property
    def spoke_twice(self) -> bool:
        return not self._unanswered and bool(self._replies or self._rest or self._words)

    def ask(self, *commands: bytes) -> None:
        self._ask(b"", commands)

    def _ask(self, before: bytes, commands: tuple[bytes, ...]) -> None:
        self._unanswered += len(commands)
        self._transport.write(b"\r\n".join((before + commands[0], *commands[1:], b"")) if commands else before)

    def heard(self) -> Reply | None:
        if not self._replies:
            return None
        self._unanswered -= 1
        return self._replies.popleft()

    async def answer(self, timeout: float) -> Reply:
        if not self._replies:
            await self._hear(timeout)
        self._unanswered -= 1
        return self._replies.popleft()

    async def _hear(self, timeout: float) -> None:
        """Wait for the next reply. By hand, as it comes for every letter: a lock and a timeout of asyncio cost more."""
        loop = asyncio.get_running_loop()
        listening = self._listening = loop.create_future()
        alarm = loop.call_later(timeout, _ring, listening)
        try:
            if self._silence is None:
                await listening
        finally:
            alarm.cancel()
            self._listening = None
        if self._replies:
            return
        if self._silence is None:
            raise TooLate(f"none came in {timeout:g} s")
        raise NoReply(self._silence)

    async def write(self, body: bytes, timeout: float) -> bool:
        self._transport.write(body)
        if self._flushed.is_set():
            return True
        try:
            async with asyncio.timeout(timeout):
                await self._flushed.wait()
        except TimeoutError:
            return False
        return True

    def dot(self, *ahead: bytes) -> None:
        self._unanswered += 1
        self._ask(DOT, ahead)

    async def withdraw(self, timeout: float) -> bool:
        """What was asked together cannot be taken back; a relay that began a message waits for it now."""
        codes = [(await self.answer(timeout)).code for _ in range(self._unanswered)]
        return _GO_ON not in codes

    def cut(self) -> None:
        self._fall_silent("the line was cut")
        self._transport.abort()

    async def quit(self, timeout: float) -> None:
        if self.is_open:
            self.ask(b"QUIT")
            try:
                await self.answer(timeout)
            except NoReply:
                self.cut()
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._silence is not None:
            return
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest
        for line in lines:
            self._take(line)
        if len(rest) > _LONGEST_REPLY:
            self._fall_silent("its reply is too long")
        if self._replies:
            self._wake()

    def eof_received(self) -> bool:
        self._fall_silent("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._fall_silent(f"the connection was lost{f': {exc}' if exc else ''}")
        self._flushed.set()

    def pause_writing(self) -> None:
        self._flushed.clear()

    def resume_writing(self) -> None:
        self._flushed.set()

    def _take(self, line: bytes) -> None:
        """One line of a reply; the last one has no hyphen after its code, and its code is the reply's."""
        if self._silence is not None:
            return
        self._length += len(line) + 1
        if len(line) >= _LONGEST_LINE or self._length > _LONGEST_REPLY:
            self._fall_silent("its reply is too long")
            return
        code, goes_on, words = _read(line)
        if code is None:
            self._fall_silent(f"it cannot be read: {words}")
            return
        self._words.append(words)
        if not goes_on:
            self._reply(code)

    def _reply(self, code: int) -> None:
        words = self._words[0] if len(self._words) == 1 else tidy(" ".join(self._words))
        self._words.clear()
        self._length = 0
        self._replies.append(Reply(code, words))

    def _fall_silent(self, why: str) -> None:
        """Nothing more is heard from here on; what was heard before still counts."""
        self._silence = self._silence or why
        self._wake()

    def _wake(self) -> None:
        if self._listening:
            _ring(self._listening)


def _ring(listening: "asyncio.Future[None]") -> None:
    if not listening.done():
        listening.set_result(None)


@lru_cache(maxsize=128)
def _read(line: bytes) -> tuple[int | None, bool, str]:
    """Its code, None where it has none that can be read; whether more lines follow; and its words. Most come often."""
    found = _REPLY_LINE.fullmatch(line.rstrip(b"\r"))
    if found is None:
        return None, False, tidy(line.decode("utf-8", "replace"))
    words = (found[3] or b"").strip(b" \t\r\n").decode("utf-8", "surrogateescape")
    return int(found[1]), found[2] == b"-", tidy(words)
