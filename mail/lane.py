"""One connection after another, letter after letter: the dot gate is here."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from db.deliveries import Letter
from mail.committer import Committer
from mail.ledger import Ended, Intend
from mail.orders import Orders
from mail.relay import Connection
from mail.replies import Outcome, OutcomeKind


class Lane:
    """Sends until no letter waits. At any time the ledger does not know the end of one letter of it at most."""

    def __init__(
        self,
        orders: Orders,
        committer: Committer,
        connected: Callable[[Connection | None], Awaitable[Connection]],
        heard: Callable[[Outcome], None],
    ) -> None:
        """`connected` gives a usable connection in place of one that is not any more; outcomes are `heard`."""
        self._heard = heard
        self._orders = orders
        self._committer = committer
        self._connected = connected
        self._next: Letter | None = None
        self._built: bytes | None = None
        self.connection: Connection | None = None
        self.tried = 0

    async def run(self) -> None:
        """Raises RelayDown when there is no connection to be had, and what ended the ledger's writing."""
        written: Awaitable[bool] | None = None
        try:
            while (self._next or self._orders.waiting) and self._orders.may_send():
                connection = await self._usable()
                if letter := await self._taken(connection):
                    written = await self._send(connection, letter)
        finally:
            self._give_back()
            self._committer.lanes -= 1
            if written:
                await written

    def abandon(self) -> None:
        """Cut short what is before its dot."""
        if self.connection:
            self.connection.abandon()

    async def _usable(self) -> Connection:
        if self.connection is None or not self.connection.usable:
            lost, self.connection = self.connection, None
            self.connection = await self._connected(lost)
        return self.connection

    async def _taken(self, connection: Connection) -> Letter | None:
        letter, self._next = self._next, None
        return letter or await self._orders.next(connection.relay)

    def _announced(self) -> tuple[str, str] | None:
        """Return path and recipient of the letter that this lane will send next, if one may go now.

        It is made here already, while the ledger writes of the one before.
        """
        if self._next is None and self.connection:
            self._next = self._orders.take(self.connection.relay)
        if self._next is None:
            return None
        with contextlib.suppress(Exception):  # raised again where it stops no other letter's dot
            self._built = self._orders.build(self._next)
        return self._orders.sender(self._next), self._next.delivery.address

    def _give_back(self) -> None:
        """The letter that was announced and will not be sent by this lane: another one may."""
        if self._next:
            self._orders.waiting.append(self._next)
            self._next = None
            self.abandon()

    async def _send(self, connection: Connection, letter: Letter) -> Awaitable[bool] | None:
        """One letter. Its outcome is committed together with the next intent; gives what to wait for."""
        # First: a mistake in it must not leave an intent behind.
        message, self._built = self._built or self._orders.build(letter), None
        intent = self._committer.enter(Intend(letter))
        outcome = await self._converse(connection, letter, message, intent)
        self._heard(outcome)
        # Only a letter that had its intent has an outcome: the ledger has closed any other.
        if not await intent:
            self.tried += 1
            return None
        if outcome.kind is OutcomeKind.not_begun and self._orders.may_send():
            self._orders.waiting.append(letter)  # the line was lost, or its step: by another one it can go at once
        else:
            self.tried += 1
        return self._committer.enter(Ended(letter, outcome))

    async def _converse(
        self, connection: Connection, letter: Letter, message: bytes, intent: asyncio.Future[bool]
    ) -> Outcome:
        async def before_data() -> bytes | None:
            refused = intent.done() and not intent.result()
            return None if refused or not self._orders.may_send() else message

        async def before_dot() -> bool:
            if intent.done():
                await asyncio.sleep(0)
            return await intent and self._orders.may_send()

        return await connection.send(
            sender=self._orders.sender(letter),
            recipient=letter.delivery.address,
            before_data=before_data,
            before_dot=before_dot,
            ahead=self._announced if connection.pipelining else _nobody,
        )


def _nobody() -> None:
    return None
