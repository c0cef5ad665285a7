"""A worker built by hand, with both clocks in the test's hands, and the relays it sends through."""

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Event

import uvloop
from sqlalchemy import select

from db.deliveries import Letter
from db.engine import Store
from db.states import InDoubtPolicy
from db.tables import Batch, Delivery, Edition, Post, Series, Subscriber, Subscription, Variant
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from mail.courier import Courier
from mail.dkim import Signer
from mail.opening import RelaySettings
from mail.pace import Limits
from mail.verdict import Patience
from mail.verp import ReturnPaths
from scheduler.letters import House
from scheduler.passes import Clockwork, Passes
from scheduler.release import Rules
from scheduler.sending import LetterSender
from scheduler.work import FeedWriter
from templates.environment import environment
from tests.mail.faults import Script
from tests.mail.faulty import FaultyRelay, listening
from tests.making import a_house_of_letters, a_planned_post, a_publication

MOST_STEPS = 100
"""No test needs more; a worker that takes more goes round in circles."""


@dataclass
class Office:
    """One node with its note; `machine` is its own clock, `calendar` the one by which things are due."""

    store: Store
    folder: Path
    machine: datetime
    calendar: datetime
    stopping: Event = field(default_factory=Event)
    signer: Signer | None = None
    templates: Path | None = None
    paths: ReturnPaths | None = None
    patience: Patience = Patience()  # noqa: RUF009 - it is frozen

    @property
    def house(self) -> House:
        leave_address = self.paths.leave if self.paths else None
        house = a_house_of_letters(signer=self.signer, leave_address=leave_address)
        return house if self.templates is None else replace(house, env=environment(overrides=self.templates))

    @contextmanager
    def worker(
        self,
        port: int,
        *,
        policy: InDoubtPolicy = InDoubtPolicy.resend,
        owner: str = "node",
        connections: int = 2,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
    ) -> Iterator[Passes]:
        """The passes of one worker, connected to the relay at `port`."""
        relay = RelaySettings("127.0.0.1", port, "none", None, None, "main")
        courier = Courier(
            [relay],
            sender="post@example.org",
            connections=connections,
            stopping=self.stopping,
            return_path=self._return_path if self.paths else None,
            limits=limits,
            loop=loop,
        )
        storage = DirectoryStorage(self.folder / "public")
        publisher = Publisher(self.store, storage, a_publication(), lambda: self.calendar)
        letters = LetterSender(
            store=self.store,
            courier=courier,
            house=self.house,
            owner=owner,
            machine=lambda: self.machine,
            calendar=lambda: self.calendar,
            policy=policy,
            note=self.folder / "node.json",
            patience=self.patience,
        )
        clockwork = Clockwork(self.store, self.folder / "node.json", Rules(hold_after=timedelta(days=30)))
        feeds = FeedWriter(self.store, publisher, owner, lambda: self.machine)
        try:
            yield Passes(clockwork, feeds, letters, _steps_counted())
        finally:
            courier.close()

    def _return_path(self, letter: Letter) -> str:
        assert self.paths
        return self.paths.of(letter.delivery.id, letter.delivery.address)

    def run(self, now: datetime, port: int, *, policy: InDoubtPolicy = InDoubtPolicy.resend) -> None:
        """One pass at a moment of both clocks: releases, editions, letters."""
        self.machine = self.calendar = now
        with self.worker(port, policy=policy) as passes:
            passes.clockwork.wake(now)
            passes.send_letters(now)

    def deliver(self, now: datetime, port: int, *, policy: InDoubtPolicy = InDoubtPolicy.resend) -> None:
        """Only the letters, as after a pause of the machine's clock."""
        self.machine = now
        with self.worker(port, policy=policy) as passes:
            passes.send_letters(now)

    def plan(self, slug: str, due: datetime, *, series: str = "primer", now: datetime | None = None) -> None:
        """A post that is due then."""
        with self.store.writing() as session:
            row = session.query(Series).filter_by(slug=series).one()
            a_planned_post(session, row, due, slug=slug, title=f"Chapter {slug}", now=now or self.calendar)

    def editions(self) -> list[str]:
        with self.store.reading() as session:
            return list(session.scalars(select(Edition.key).order_by(Edition.id)))

    def deliveries(self) -> list[Delivery]:
        with self.store.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.deliveries()]

    def batch(self) -> Batch:
        with self.store.reading() as session:
            return session.scalars(select(Batch).order_by(Batch.id)).first()  # type: ignore[return-value]

    def watermarks(self) -> list[int]:
        with self.store.reading() as session:
            return list(session.scalars(select(Subscription.watermark).order_by(Subscription.id)))

    def reader(self, address: str = "alice@example.org") -> Subscriber:
        with self.store.reading() as session:
            return session.query(Subscriber).filter_by(address=address).one()

    def carried(
        self, *, address: str = "alice@example.org", states: tuple[str, ...] = ("sent", "in_doubt")
    ) -> list[list[str]]:
        """The slugs in each letter of a reader that is in one of these states, letter by letter."""
        statement = (
            select(Variant.posts)
            .join(Delivery, Delivery.variant_id == Variant.id)
            .where(Delivery.address == address, Delivery.state.in_(states))
            .order_by(Delivery.id)
        )
        with self.store.reading() as session:
            slugs = {row.id: row.slug for row in session.execute(select(Post.id, Post.slug))}
            return [[slugs[post] for post, _ in posts] for posts in session.scalars(statement)]


def _steps_counted() -> Callable[[], bool]:
    taken = iter(range(MOST_STEPS))

    def stopping() -> bool:
        assert next(taken, None) is not None, f"the worker found something to do {MOST_STEPS} times in one pass"
        return False

    return stopping


class WatchedRelay(FaultyRelay):
    """Calls `look` at one stage before it is answered: usually when a whole message has come."""

    def __init__(self, script: Script, look: Callable[[], object], *, stage: str = "dot") -> None:
        super().__init__(script)
        self._look = look
        self._stage = stage

    async def _answer(self, writer: asyncio.StreamWriter, stage: str) -> bool:
        if stage == self._stage:
            await asyncio.to_thread(self._look)
        return await super()._answer(writer, stage)


@contextmanager
def running(relay: FaultyRelay, *, on: socket.socket | None = None) -> Iterator[int]:
    """The port of a relay that runs in a thread of its own until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = listening(relay, on=on)
    try:
        yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def letters_in(folder: Path) -> list[EmailMessage]:
    """What a sink has taken, in its order."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
        for path in sorted(folder.glob("*.eml"))
    ]
