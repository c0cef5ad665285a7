"""One connection after another, letter after letter: the dot gate is here."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from db.deliveries import Letter
from mail.committer import Committer
from mail.ledger import Ended, Intend
from mail.relay import Connection
from mail.replies import Outcome


@dataclass(frozen=True)
class Orders:
    """What the lanes of a round share: the letters, from the last to the first, and whether dots may go out.

    `sender` gives the return path of a letter.
    """

    waiting: list[Letter]
    sender: Callable[[Letter], str]
    build: Callable[[Letter], bytes]
    may_send: Callable[[], bool]


class Lane:
    """Sends until no letter waits. At any time the ledger does not know the end of one letter of it at most."""

    def __init__(self, orders: Orders, committer: Committer, connected: Callable[[], Awaitable[Connection]]) -> None:
        self._orders = orders
        self._committer = committer
        self._connected = connected
        self.connection: Connection | None = None
        self.tried = 0

    async def run(self) -> None:
        """Raises RelayDown when there is no connection to be had, and what ended the ledger's writing."""
        written: Awaitable[bool] | None = None
        try:
            while self._orders.waiting and self._orders.may_send():
                connection = await self._usable()
                if self._orders.waiting:
                    written = await self._send(connection, self._orders.waiting.pop())
        finally:
            self._committer.lanes -= 1
            if written:
                await written

    def abandon(self) -> None:
        """Cut short what is before its dot."""
        if self.connection:
            self.connection.abandon()

    async def _usable(self) -> Connection:
        if self.connection is None or not self.connection.usable:
            self.connection = None
            self.connection = await self._connected()
        return self.connection

    async def _send(self, connection: Connection, letter: Letter) -> Awaitable[bool] | None:
        """One letter. Its outcome is committed together with the next intent; gives what to wait for."""
        message = self._orders.build(letter)  # first: a mistake in it must not leave an intent behind
        intent = self._committer.enter(Intend(letter))
        outcome = await self._converse(connection, letter, message, intent)
        # Only a letter that had its intent has an outcome: the ledger has closed any other.
        written = self._committer.enter(Ended(letter, outcome)) if await intent else None
        self.tried += 1
        return written

    async def _converse(
        self, connection: Connection, letter: Letter, message: bytes, intent: asyncio.Future[bool]
    ) -> Outcome:
        async def before_data() -> bytes | None:
            refused = intent.done() and not intent.result()
            return None if refused or not self._orders.may_send() else message

        async def before_dot() -> bool:
            return await intent and self._orders.may_send()

        return await connection.send(
            sender=self._orders.sender(letter),
            recipient=letter.delivery.address,
            before_data=before_data,
            before_dot=before_dot,
        )
