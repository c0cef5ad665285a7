"""Lines to several relays, in order of preference: the next one takes over while one is down, and gives back after."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from mail.opening import RelayDown, RelaySettings
from mail.relay import Connection

log = structlog.get_logger()

RESTS: Final = (15.0, 60.0, 300.0, 900.0)
"""Seconds for which a relay that is down is not asked while there is another one; longer each time in a row."""


class NoRoom(Exception):
    """All the lines that a relay may have are in use; those are enough."""


class Desk:
    """One relay as this process knows it: its lines, and whether it rests."""

    def __init__(self, settings: RelaySettings, most: int) -> None:
        self.settings = settings
        self.most = most
        self.idle: list[Connection] = []
        self._out: set[Connection] = set()
        self._opening = 0
        self._pipelining = True
        self._failures = 0
        self._rests_until = 0.0

    def rests(self, now: float) -> bool:
        return now < self._rests_until

    async def line(self, now: float) -> Connection:
        """Raises RelayDown and NoRoom."""
        while self.idle:
            connection = self.idle.pop()
            if connection.usable:
                self._out.add(connection)
                return connection
            self._forget(connection)
        if len(self._out) + self._opening >= self.most:
            raise NoRoom
        return await self._opened(now)

    async def _opened(self, now: float) -> Connection:
        self._opening += 1
        try:
            connection = await Connection.open(self.settings, pipelining=self._pipelining)
        except RelayDown as error:
            if self._out:  # it takes letters over those; it only allows fewer than we ask for
                raise NoRoom from error
            self._rest(now)
            raise
        finally:
            self._opening -= 1
        if self._failures:
            log.info("relay is back", relay=self.settings.name)
        self._failures = 0
        self._out.add(connection)
        return connection

    def _rest(self, now: float) -> None:
        if not self.rests(now):
            self._rests_until = now + RESTS[min(self._failures, len(RESTS) - 1)]
            self._failures += 1

    def take_back(self, connection: Connection) -> bool:
        """Keep a line for later, or forget it when it is of no use any more; False when it is none of ours."""
        if connection not in self._out:
            return False
        self._out.remove(connection)
        if connection.usable:
            self.idle.append(connection)
        else:
            self._forget(connection)
        return True

    def _forget(self, connection: Connection) -> None:
        if connection.lost_step and self._pipelining:
            self._pipelining = False
            log.warning("relay without pipelining", relay=self.settings.name)
        connection.drop()

    async def hang_up(self) -> None:
        while self.idle:
            await self.idle.pop().close()


class Switchboard:
    """Gives lines to the first relay that is up. Where all rest, all are tried: whoever asks has waited already."""

    def __init__(self, relays: Sequence[RelaySettings], *, connections: int) -> None:
        self._desks = [Desk(relay, relay.connections or connections) for relay in relays]

    @property
    def lines(self) -> int:
        """How many lines there can be at once, now."""
        return self._in_order()[0].most

    async def line(self, lost: Connection | None = None) -> Connection:
        """A usable line in place of one that is not any more. Raises RelayDown of the first relay when all are down.

        Raises NoRoom when the relay that takes the letters has as many lines as it may.
        """
        if lost:
            await self._replaced(lost)
        down: RelayDown | None = None
        for desk in self._in_order():
            try:
                return await desk.line(_now())
            except RelayDown as error:
                log.warning("relay does not answer", relay=desk.settings.name, problem=str(error))
                down = down or error
        assert down is not None
        raise down

    async def _replaced(self, lost: Connection) -> None:
        if lost.spent:
            await lost.close()
        self.take_back(lost)

    def take_back(self, connection: Connection) -> None:
        """A lane needs this line no more."""
        any(desk.take_back(connection) for desk in self._desks)

    async def hang_up(self) -> None:
        for desk in self._desks:
            await desk.hang_up()

    def _in_order(self) -> list[Desk]:
        now = _now()
        return [desk for desk in self._desks if not desk.rests(now)] or self._desks


def _now() -> float:
    return asyncio.get_running_loop().time()
