"""A relay that takes whatever comes as fast as it can, and an edition that is due: for the benchmark of delivery."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import uvloop
from sqlalchemy import func, insert, select

from db.engine import Store
from db.states import EditionKind, EditionState, Frequency, LetterFormat, SubscriberState, SubscriptionState
from db.tables import Delivery, Edition, EditionCut, Post, Revision, Subscriber, Subscription

MADE = datetime.now(UTC)
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


def an_edition(store: Store, readers: int, body: str) -> None:
    """A released post with this body, and an instant edition of it that is due, for so many readers.

    The series and its one planned post are there already.
    """
    with store.writing() as session:
        post = session.scalars(select(Post)).one()
        revision = Revision(post_id=post.id, number=1, title="A chapter", summary="", body=body, created_at=MADE)
        session.add(revision)
        session.flush()
        _release(session, post, revision)
    with store.writing() as session:
        session.execute(insert(Subscriber), [_reader(number) for number in range(1, readers + 1)])
        session.execute(insert(Subscription), [_subscription(number) for number in range(1, readers + 1)])
        edition = Edition(
            key="instant:1:1",
            kind=EditionKind.instant,
            series_id=1,
            moment=MADE,
            state=EditionState.due,
            created_at=MADE,
        )
        session.add(edition)
        session.flush()
        session.add(EditionCut(edition_id=edition.id, series_id=1, cut=1))


def counted(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


if __name__ == "__main__":
    uvloop.run(_serve())
