"""A worker that writes feeds and tells a hub of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from db.engine import Store
from db.tables import Ping, Series
from feeds.form import Form
from feeds.outward import Outward
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from feeds.websub import Hub
from scheduler.passes import Clockwork
from scheduler.pings import Herald, Pinger
from scheduler.work import FeedWriter
from tests.feeds.hub import LocalHub
from tests.making import NOON, a_clockwork, a_house, a_planned_post, a_publication, a_series, a_source, at, taken_in
from text.addresses import Addresses

DUE = at("2026-03-05 07:00")
ALL = "https://example.org/feeds/all.atom"
PRIMER = "https://example.org/primer/feed.atom"
CHANGED = sorted(f"https://example.org/{name}.{form}" for name in ("feeds/all", "primer/feed") for form in Form)
"""What the hub is told of when something changes in the series: its feed and that of all, in each form."""
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A worker that writes feeds and tells a hub on this machine; `now` is both of its clocks."""

    store: Store
    folder: Path
    now: datetime = NOON
    owner: str = "node"
    works: Clockwork = field(init=False)

    def __post_init__(self) -> None:
        self.works = a_clockwork(self.store, self.folder / "node.json")

    @property
    def writer(self) -> FeedWriter:
        addresses = Addresses("https://example.org")
        storage = DirectoryStorage(self.folder / "public")
        publisher = Publisher(self.store, storage, a_publication(addresses=addresses), lambda: self.now)
        return FeedWriter(self.store, publisher, self.owner, lambda: self.now, Herald(addresses.site()))

    def write(self) -> None:
        while self.writer.do_one():
            pass

    def release(self, now: datetime) -> None:
        """Release what is due and write the feeds."""
        self.now = now
        self.works.wake(now)
        self.write()

    def pinger(self, hub: LocalHub, *, owner: str = "node", patience: float = 10) -> Pinger:
        return Pinger(self.store, Hub(hub.url, patience, Outward(private=True)), owner, lambda: self.now)

    def ping(self, hub: LocalHub, *, patience: float = 10) -> None:
        """Tell the hub of all it can be told of at this moment."""
        pinger = self.pinger(hub, patience=patience)
        while pinger.any_ready():
            assert pinger.do_one()

    def owed(self) -> list[str]:
        with self.store.reading() as session:
            return list(session.scalars(select(Ping.url).where(Ping.wanted > Ping.done).order_by(Ping.url)))

    def row(self, url: str = PRIMER) -> Ping:
        with self.store.reading() as session:
            return session.scalars(select(Ping).where(Ping.url == url)).one()


def a_desk(store: Store, folder: Path) -> Desk:
    """Of a live house with one series whose chapter "one" is due."""
    a_house(store)
    with store.writing() as session:
        a_planned_post(session, a_series(session), DUE, slug="one")
    return Desk(store, folder)


def edited(desk: Desk, slug: str = "one", *, body: str = "Other words.") -> None:
    with desk.store.writing() as session:
        series = session.scalars(select(Series)).one()
        taken_in(session, series, [a_source(slug=slug, body=body)], now=desk.now)
