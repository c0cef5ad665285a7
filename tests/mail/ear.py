"""Lines and messages out of one stream, as fast or as slowly as told."""

import asyncio
from typing import Final

from tests.mail.faults import Reading

_END: Final = b"\r\n.\r\n"
_AT_ONCE: Final = 65_536


class Ear:
    """Keeps what came too early: a client may send more at once than is asked for."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._heard = bytearray()

    async def line(self) -> bytes:
        """The next line, empty when there is none any more."""
        while b"\n" not in self._heard:
            if not await self._hear(_AT_ONCE):
                return b""
        return self._cut_off(self._heard.index(b"\n") + 1)

    async def message(self, reading: Reading) -> bytes | None:
        """A message up to its dot; None when either side hung up before."""
        searched = 0
        while (end := self._heard.find(_END, searched)) < 0:
            searched = max(0, len(self._heard) - len(_END) + 1)
            if reading.hangs_up_after is not None and len(self._heard) >= reading.hangs_up_after:
                return None
            await asyncio.sleep(reading.every)
            if not await self._hear(self._wanted(reading)):
                return None
        return self._cut_off(end + len(_END))

    def forget(self) -> None:
        """What came too early was never said."""
        self._heard.clear()

    def _wanted(self, reading: Reading) -> int:
        if reading.hangs_up_after is None:
            return reading.bytes_at_once
        return min(reading.bytes_at_once, reading.hangs_up_after - len(self._heard))

    async def _hear(self, most: int) -> bool:
        piece = await self._reader.read(most)
        self._heard += piece
        return bool(piece)

    def _cut_off(self, length: int) -> bytes:
        piece = bytes(self._heard[:length])
        del self._heard[:length]
        return piece
