"""Carrying letters to a relay over several connections at once. SQL runs on a thread of its own, never on the loop."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import uvloop

from db.deliveries import Letter
from mail.breaker import Breaker
from mail.committer import Committer
from mail.lane import Lane
from mail.ledger import Ledger
from mail.opening import RelayDown, RelaySettings
from mail.orders import LOOK, Orders
from mail.pace import Limits
from mail.switchboard import NoRoom, Switchboard
from mail.turns import Turns


@dataclass(frozen=True)
class Round:
    """How a round of deliveries went: how many letters were tried, and the relay's trouble if it is down.

    `put_off`: letters, by id, that have no turn within so many seconds. `refused`: why nothing more should be sent.
    """

    tried: int
    trouble: str | None = None
    put_off: Mapping[int, float] = field(default_factory=dict)
    refused: str | None = None


class Courier:
    """Keeps an event loop, a thread for the ledger and connections from one round to the next. For one thread.

    Letters go out under the return path that `return_path` gives each of them, without it all under `sender`.
    """

    def __init__(
        self,
        relays: Sequence[RelaySettings],
        *,
        sender: str,
        connections: int,
        stopping: Event,
        return_path: Callable[[Letter], str] | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
    ) -> None:
        """`relays` in order of preference; `connections` to one at once, where it has no number of its own.

        `return_path` gives that of each letter, in place of `sender`.
        """
        self._sender_of = return_path or (lambda _letter: sender)
        self._stopping = stopping
        self._limits = limits
        self._turns: Turns | None = None
        self._breaker = Breaker()
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
        if self._limits and self._turns is None:
            self._turns = Turns(self._limits, ledger.store, ledger.machine, self._thread)
        committer = Committer(ledger, self._thread, lanes=count, stopping=self._stopping)
        orders = Orders(
            list(reversed(letters)),
            self._sender_of,
            build,
            lambda: in_time() and not self._stopping.is_set() and self._breaker.tripped is None,
            self._turns,
        )
        lanes = [Lane(orders, committer, self._switchboard.line, self._breaker.heard) for _ in range(count)]
        writing = [asyncio.create_task(committer.run()), asyncio.create_task(self._abandon_when_stopping(lanes))]
        try:
            results = await asyncio.gather(*(self._run(lane) for lane in lanes), return_exceptions=True)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)
        for failure in (one for one in results if isinstance(one, BaseException) and not isinstance(one, RelayDown)):
            raise failure
        # A relay may allow fewer connections than we ask for: with no letter left, those were enough.
        down = next((result for result in results if isinstance(result, RelayDown)), None) if orders.waiting else None
        if down:
            self._breaker.shut_out(down)
        refused = self._breaker.tripped
        if refused:
            self._breaker.reset()
        tried = sum(lane.tried for lane in lanes)
        return Round(tried, str(down) if down else None, orders.put_off, refused)

    async def _run(self, lane: Lane) -> RelayDown | None:
        """Send along one lane to its end; gives the relays' trouble."""
        try:
            await lane.run()
        except RelayDown as error:
            return error
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
