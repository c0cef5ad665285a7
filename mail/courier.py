"""Carrying letters to a relay over several connections at once. SQL runs on a thread of its own, never on the loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import uvloop

from db.deliveries import Letter
from mail.committer import Committer
from mail.lane import Lane, Orders
from mail.ledger import Ledger
from mail.opening import RelayDown, RelaySettings
from mail.switchboard import NoRoom, Switchboard

LOOK = 0.1
"""Seconds between two looks whether the program is stopping."""


@dataclass(frozen=True)
class Round:
    """How a round of deliveries went: how many letters were tried, and the relay's trouble if it is down."""

    tried: int
    trouble: str | None = None


class Courier:
    """Keeps an event loop, a thread for the ledger and connections from one round to the next. For one thread."""

    def __init__(
        self,
        relays: Sequence[RelaySettings],
        *,
        sender: str,
        connections: int,
        stopping: Event,
        loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
    ) -> None:
        """`relays` in order of preference; `connections` to one at once, where it has no number of its own."""
        self._sender = sender
        self._stopping = stopping
        self._switchboard = Switchboard(relays, connections=connections)
        self._runner = asyncio.Runner(loop_factory=loop)
        self._thread = ThreadPoolExecutor(1, "committer")

    def deliver(
        self,
        letters: Sequence[Letter],
        ledger: Ledger,
        build: Callable[[Letter], bytes],
        *,
        in_time: Callable[[], bool],
    ) -> Round:
        """Try each letter once and record its outcome; ends early when the relay is down or the program is stopping.

        `build` gives the bytes of a letter, the same at every call. While `in_time` is not true, no dot goes out.
        """
        return self._runner.run(self._deliver(letters, ledger, build, in_time))

    def hang_up(self) -> None:
        """Say good-bye on idle connections; a relay may have dropped them by the next round anyway."""
        self._runner.run(self._hang_up())

    def close(self) -> None:
        self.hang_up()
        self._runner.close()
        self._thread.shutdown()

    async def _deliver(
        self, letters: Sequence[Letter], ledger: Ledger, build: Callable[[Letter], bytes], in_time: Callable[[], bool]
    ) -> Round:
        count = min(self._switchboard.lines, len(letters))
        committer = Committer(ledger, self._thread, lanes=count, stopping=self._stopping)
        orders = Orders(list(reversed(letters)), self._sender, build, lambda: in_time() and not self._stopping.is_set())
        lanes = [Lane(orders, committer, self._switchboard.line) for _ in range(count)]
        writing = [asyncio.create_task(committer.run()), asyncio.create_task(self._abandon_when_stopping(lanes))]
        try:
            results = await asyncio.gather(*(self._run(lane) for lane in lanes), return_exceptions=True)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)
        for failure in (result for result in results if isinstance(result, BaseException)):
            raise failure
        troubles = [result for result in results if isinstance(result, str)]
        # A relay may allow fewer connections than we ask for: with no letter left, those were enough.
        return Round(sum(lane.tried for lane in lanes), troubles[0] if troubles and orders.waiting else None)

    async def _run(self, lane: Lane) -> str | None:
        """Send along one lane to its end; gives the relays' trouble."""
        try:
            await lane.run()
        except RelayDown as error:
            return str(error)
        except NoRoom:
            return None
        finally:
            if lane.connection:
                self._switchboard.take_back(lane.connection)
        return None

    async def _abandon_when_stopping(self, lanes: Sequence[Lane]) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(LOOK)
        for lane in lanes:
            lane.abandon()

    async def _hang_up(self) -> None:
        await self._switchboard.hang_up()
