"""One letter to one address, handed to a relay at once, with no ledger: to see whether letters arrive, and how."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

from mail.opening import RelaySettings
from mail.relay import Connection
from mail.replies import Outcome
from mail.skeleton import Skeleton


def marked(skeleton: Skeleton, mark: str) -> Skeleton:
    """The same letter with a mark before its subject."""
    return dataclasses.replace(skeleton, subject=f"{mark} {skeleton.subject}")


def hand_over(relay: RelaySettings, *, sender: str, recipient: str, message: bytes) -> Outcome:
    """What the relay says to it. Raises RelayDown when it says nothing at all."""
    return asyncio.run(_converse(relay, sender, recipient, message))


async def _converse(relay: RelaySettings, sender: str, recipient: str, message: bytes) -> Outcome:
    connection = await Connection.open(relay)
    try:
        return await connection.send(sender=sender, recipient=recipient, before_data=_giving(message))
    finally:
        await connection.close()


def _giving(message: bytes) -> Callable[[], Awaitable[bytes]]:
    async def give() -> bytes:
        return message

    return give
