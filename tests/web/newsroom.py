"""A house whose letters go out for real: a site, a worker, a relay, and readers in Riga at 07:00."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from db.engine import Store
from db.tables import Delivery, Edition, Series, Subscriber
from tests.mail.faults import Script
from tests.mail.faulty import FaultyRelay
from tests.making import TOKENS, a_house, a_reader, at
from tests.sending.office import Office, running
from tests.web.making import NOW, Shop
from tests.web.planning import a_plan

MORNING = at("2026-03-09 05:00")
"""Monday, 07:00 in Riga: the first chapter of the plan comes out, and the digest goes."""
KEY = "digest:Europe/Riga:07:2026-03-09"
NAME = "Digest of 9 March 2026, 07:00 Europe/Riga"
ONE_LATER: Script = {"RCPT": ["250 fine", "450 4.2.1 come back later", "250 fine"]}
"""The second reader's mailbox is busy."""
ONE_NEVER: Script = {"RCPT": ["250 fine", "550 5.1.1 <bob@readers.example> is nobody", "250 fine"]}
"""The second reader is not there."""


@dataclass
class Newsroom:
    shop: Shop
    office: Office

    @property
    def store(self) -> Store:
        return self.shop.store

    def sends(self, script: Script | None = None, *, at: datetime = MORNING) -> FaultyRelay:
        """One pass of the worker at a moment, through a relay that does as it is told; the pages show what is then."""
        relay = FaultyRelay(script or {})
        with running(relay) as port, self.office.worker(port, connections=1) as passes:
            self.office.machine = self.office.calendar = at
            passes.clockwork.wake(at)
            passes.send_letters(at)
        self.comes_to(at + timedelta(seconds=1))
        return relay

    def comes_to(self, moment: datetime) -> None:
        self.shop.calendar = lambda: moment
        self.shop.machine = moment
        self.office.machine = self.office.calendar = moment

    def edition(self, key: str = KEY) -> Edition:
        with self.store.reading() as session:
            return session.scalars(select(Edition).where(Edition.key == key)).one()

    def letters(self) -> dict[str, Delivery]:
        """The newest letter of each address."""
        with self.store.reading() as session:
            return {row.address: row for row in session.scalars(select(Delivery).order_by(Delivery.id))}

    def reader(self, name: str) -> Subscriber:
        with self.store.reading() as session:
            return session.scalars(select(Subscriber).where(Subscriber.address == f"{name}@readers.example")).one()


def a_newsroom(store: Store, folder: Path, *names: str) -> Newsroom:
    """It is Friday, 6 March 2026, at noon; each of these reads The Primer daily."""
    a_house(store, now=NOW)
    shop = Shop(folder, store, tokens=TOKENS)
    a_plan(shop)
    with store.writing() as session:
        series = session.scalars(select(Series)).one()
        for name in names:
            a_reader(session, f"{name}@readers.example", now=NOW, zone="Europe/Riga", series=(series.slug,))
    return Newsroom(shop, Office(store, folder, NOW, NOW))


def in_doubt(room: Newsroom, name: str) -> int:
    """Make the letter to this reader one whose fate nobody knows; gives its id."""
    row = room.letters()[f"{name}@readers.example"]
    with room.store.writing() as session:
        doubtful = session.get_one(Delivery, row.id)
        doubtful.state, doubtful.ever_in_doubt, doubtful.settled_at = "in_doubt", True, None
        edition = session.get_one(Edition, row.edition_id)
        edition.state = "sending"
    return row.id


def problem_in(page: str) -> str:
    """What a page says went wrong, in its words alone."""
    found = re.search(r'class="problem" role="alert">(.*?)</p>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""
