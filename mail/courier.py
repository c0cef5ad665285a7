"""Carrying letters to a relay over several connections at once. SQL runs on threads, never on the loop."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import uvloop

from db.deliveries import Letter
from db.errors import StoreUnreachable
from mail.ledger import Ledger
from mail.relay import Connection, RelayDown, RelaySettings
from mail.replies import Outcome

DATABASE_PAUSE = 1.0
"""Seconds between two tries to write an outcome."""

Build = Callable[[Letter], bytes]
"""Gives the bytes of a letter, the same at every call."""


@dataclass(frozen=True)
class Round:
    """How a round of deliveries went: how many letters were tried, and the relay's trouble if it is down."""

    tried: int
    trouble: str | None = None


class Courier:
    """Keeps an event loop and its connections from one round to the next. For one thread."""

    def __init__(
        self,
        relay: RelaySettings,
        *,
        sender: str,
        connections: int,
        stopping: Event,
        loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
    ) -> None:
        self._relay = relay
        self._sender = sender
        self._connections = connections
        self._stopping = stopping
        self._idle: list[Connection] = []
        self._runner = asyncio.Runner(loop_factory=loop)

    def deliver(self, letters: Sequence[Letter], ledger: Ledger, build: Build) -> Round:
        """Try each letter once and record its outcome; ends early when the relay is down or the program is stopping."""
        return self._runner.run(self._deliver(letters, ledger, build))

    def hang_up(self) -> None:
        """Say good-bye on idle connections; a relay may have dropped them by the next round anyway."""
        self._runner.run(self._hang_up())

    def close(self) -> None:
        self.hang_up()
        self._runner.close()

    async def _deliver(self, letters: Sequence[Letter], ledger: Ledger, build: Build) -> Round:
        waiting = list(reversed(letters))
        lanes = [self._lane(waiting, ledger, build) for _ in range(min(self._connections, len(letters)))]
        results = await asyncio.gather(*lanes)
        troubles = [result.trouble for result in results if result.trouble]
        # A relay may allow fewer connections than we ask for: with no letter left, those were enough.
        return Round(sum(result.tried for result in results), troubles[0] if troubles and waiting else None)

    async def _lane(self, waiting: list[Letter], ledger: Ledger, build: Build) -> Round:
        """One connection after another, letter after letter, until none waits."""
        tried, connection = 0, None
        try:
            while waiting and not self._stopping.is_set():
                connection = connection if connection and connection.usable else await self._connected()
                if not waiting:
                    break
                letter = waiting.pop()
                outcome = await self._send(connection, letter, ledger, build)
                await self._record(ledger, letter, outcome)
                tried += 1
        except RelayDown as error:
            return Round(tried, str(error))
        finally:
            if connection and connection.usable:
                self._idle.append(connection)
        return Round(tried)

    async def _record(self, ledger: Ledger, letter: Letter, outcome: Outcome) -> None:
        """Write the outcome, again and again while the database is away: the book is retried, never the letter."""
        while True:
            try:
                return await asyncio.to_thread(ledger.record, letter, outcome)
            except StoreUnreachable:
                if self._stopping.is_set():
                    raise
                await asyncio.sleep(DATABASE_PAUSE)

    async def _connected(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return await Connection.open(self._relay)

    async def _send(self, connection: Connection, letter: Letter, ledger: Ledger, build: Build) -> Outcome:
        async def before_data() -> bytes | None:
            if self._stopping.is_set() or not await asyncio.to_thread(ledger.intend, letter):
                return None
            return build(letter)

        return await connection.send(sender=self._sender, recipient=letter.delivery.address, before_data=before_data)

    async def _hang_up(self) -> None:
        while self._idle:
            await self._idle.pop().close()
