"""A wire to the database that can be cut: a proxy on loopback, for one worker to be far away at."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL


class Wire:
    """Carries bytes between a port of this machine and a PostgreSQL server, until it is cut, and again when mended."""

    def __init__(self, to: URL) -> None:
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self.port = 0

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._do(self._cut())

    def hush(self) -> None:
        """Let nothing through any more, and say nothing of it: the connections look as if they stood."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def mend(self) -> None:
        """As it was before it was cut or hushed."""
        self._do(self._open())

    @contextmanager
    def running(self) -> Iterator["Wire"]:
        thread = threading.Thread(target=self._loop.run_forever, name="wire")
        thread.start()
        self._do(self._open())
        try:
            yield self
        finally:
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def _do(self, work: "asyncio.Future[None] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    async def _open(self) -> None:
        self._flows.set()
        if self._server and self._server.is_serving():
            return
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        assert self._server
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()

    async def _end(self) -> None:
        await self._cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._far()
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except asyncio.CancelledError:
            pass  # the end of the test
        finally:
            self._ends -= ends

    async def _far(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = str(self._to.query.get("host") or self._to.host), self._to.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(str(Path(host) / f".s.PGSQL.{port}"))
        return await asyncio.open_connection(host, port)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(2**16):
                await self._flows.wait()
                writer.write(some)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
