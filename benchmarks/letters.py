"""A relay that takes whatever comes as fast as it can, and an edition that is due: for the benchmark of delivery."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvloop
from databases import plan
from sqlalchemy import func, insert, select

from db.engine import Store
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import Delivery, Post, Revision, Subscriber, Subscription

DUE = datetime.now(UTC)
MADE = DUE - timedelta(days=1)
_ANSWERS = {b"EHLO": b"250 sink\r\n", b"QUIT": b"221 bye\r\n", b"DATA": b"354 go on\r\n"}


class Taker(asyncio.Protocol):
    """One conversation; a message is found by its end and thrown away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._told, self._in_data = b"", False
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._told += data
        while self._take():
            pass

    def _take(self) -> bool:
        end = b"\r\n.\r\n" if self._in_data else b"\r\n"
        first, found, rest = self._told.partition(end)
        if not found:
            return False
        self._told = rest
        if self._in_data:
            self._in_data = False
            self._transport.write(b"250 2.0.0 queued\r\n")
        else:
            verb = first[:4].upper()
            self._in_data = verb == b"DATA"
            self._transport.write(_ANSWERS.get(verb, b"250 2.0.0 fine\r\n"))
        return True


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Taker, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def taker() -> Iterator[int]:
    """The port of such a relay in a process of its own."""
    child = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def read_by(store: Store, readers: int, body: str) -> None:
    """One post that is due, with this body, and so many subscribers who read its series the instant it appears."""
    plan(store, [[DUE]])
    with store.writing() as session:
        post = session.scalars(select(Post)).one()
        words = Revision(post_id=post.id, number=1, title="A chapter", summary="", tags=[], body=body, digest="1")
        words.created_at = MADE
        session.add(words)
        session.flush()
        post.revision_id = words.id
    with store.writing() as session:
        session.execute(insert(Subscriber), [_reader(number) for number in range(1, readers + 1)])
        session.execute(insert(Subscription), [_subscription(number) for number in range(1, readers + 1)])


def _reader(number: int) -> dict[str, Any]:
    address = f"reader-{number}@example.org"
    row = {"address": address, "address_key": address, "fingerprint": address, "name": f"Reader {number}"}
    row |= {"zone": "UTC", "hour": 7, "language": "en", "state": SubscriberState.active}
    return {**row, "id": number, "created_at": MADE}


def _subscription(number: int) -> dict[str, Any]:
    row = {"id": number, "subscriber_id": number, "series_id": 1, "frequency": Frequency.instant, "watermark": 0}
    return {**row, "state": SubscriptionState.active, "created_at": MADE}


def counted(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


if __name__ == "__main__":
    uvloop.run(_serve())
