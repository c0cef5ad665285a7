"""An office at which what comes back of its letters arrives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from db.engine import Store
from db.tables import Bounce, Delivery, Subscriber, Subscription, Suppression
from mail.verdict import Patience
from mail.verp import ReturnPaths
from scheduler.bounces import BounceTaker, Taken
from tests.bounces.shapes import ALICE, failed
from tests.making import TOKENS, a_house_of_letters, at
from tests.sending.office import Office

PATHS = ReturnPaths(TOKENS, "bounces@lists.example")
MONDAY = at("2026-03-02 07:00")


@dataclass
class Desk:
    office: Office
    relay: int

    @property
    def store(self) -> Store:
        return self.office.store

    @property
    def taker(self) -> BounceTaker:
        house = a_house_of_letters(leave_address=PATHS.leave)
        note, office = self.office.folder / "node.json", self.office
        return BounceTaker(self.store, note, PATHS, house, Patience(), lambda: office.calendar)

    def sends(self, *days: int) -> None:
        """A chapter on each of these days after Monday, 2 March, and its letters at 07:00."""
        for day in days:
            now = MONDAY + timedelta(days=day)
            self.office.plan(f"day-{day}", now - timedelta(hours=1), now=self.office.calendar)
            self.office.run(now, self.relay)

    def letters(self, address: str = ALICE) -> list[Delivery]:
        with self.store.reading() as session:
            statement = select(Delivery).where(Delivery.address == address).order_by(Delivery.id)
            return list(session.scalars(statement))

    def path(self, number: int = 0, address: str = ALICE) -> str:
        """The return path of a reader's letter."""
        return PATHS.of(self.letters(address)[number].id, address)

    def takes(self, message: bytes, recipient: str = "", *, now: datetime | None = None) -> Taken:
        return self.taker.take(message, recipient, now=now or self.office.calendar)

    def bounced(self, number: int, status: str = "4.2.2", address: str = ALICE) -> Taken:
        """The letter with this number comes back to its return path."""
        return self.takes(failed(status, address=address, to=self.path(number, address)))

    def bounces(self) -> list[tuple[str, str]]:
        """Whose letters came back, and why."""
        statement = select(Delivery.address, Bounce.kind).join(Bounce, Bounce.delivery_id == Delivery.id)
        with self.store.reading() as session:
            return [(address, kind) for address, kind in session.execute(statement.order_by(Bounce.id))]

    def suppressed(self) -> list[tuple[str | None, str]]:
        with self.store.reading() as session:
            rows = session.scalars(select(Suppression).order_by(Suppression.created_at, Suppression.address))
            return [(row.address, row.kind) for row in rows]

    def state(self, address: str = ALICE) -> str:
        with self.store.reading() as session:
            return session.scalars(select(Subscriber.state).where(Subscriber.address == address)).one()

    def follows(self, address: str = ALICE) -> list[str]:
        statement = select(Subscription.state).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        with self.store.reading() as session:
            return list(session.scalars(statement.where(Subscriber.address == address)))


Server = Callable[..., bytes]
