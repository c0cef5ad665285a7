"""An edition that goes out whatever becomes of its workers, and what the ledger and the relay say of it."""

import signal
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from db.states import DeliveryState, EditionState, InDoubtPolicy
from db.tables import Delivery, Edition, Subscription
from scheduler.heartbeat import LEASE
from tests.dispatch.floor import Floor
from tests.dispatch.kills.life import Life
from tests.dispatch.kills.points import Blow

UNKNOWN = (DeliveryState.intent, DeliveryState.in_doubt)
ROUNDS = 5
"""A life that follows a kill brings the edition to its end; some steps more are a kill at the very last."""


@dataclass
class Taken:
    """What a relay wrote down, from some moment on."""

    path: Path
    begin: int = 0

    def again(self) -> "Taken":
        """From now on."""
        return Taken(self.path, self.path.stat().st_size)

    def letters(self) -> Counter[tuple[str, str]]:
        """How often each letter was taken: its recipient and the hash of its bytes."""
        with self.path.open(encoding="ascii") as file:
            file.seek(self.begin)
            return Counter((line.split()[0], line.split()[1]) for line in file)


@dataclass
class Drain:
    """One edition, and all that the ledger ever called uncertain between two lives of its worker."""

    floor: Floor
    life: Life
    taken: Taken
    named: set[str] = field(default_factory=set)
    most_named: int = 0
    """By one life."""
    kills: int = 0

    def strike(self, blow: Blow) -> None:
        """One life, ended by a blow."""
        assert self.life.end(blow) == -signal.SIGKILL, f"it did not come to {blow.step} {blow.nth} times"
        self.kills += 1
        self.note_uncertain()
        self.wait()

    def note_uncertain(self) -> None:
        """What the ledger calls uncertain before anybody else comes."""
        uncertain = self.addresses(*UNKNOWN)
        self.most_named = max(self.most_named, len(uncertain - self.named))
        self.named |= uncertain

    def wait(self) -> None:
        """Until the leases of the dead are over."""
        pause = LEASE + timedelta(seconds=1)
        self.floor.wait(pause)
        self.life = self.life.later(self.life.now + pause)

    def to_the_end(self) -> None:
        for _ in range(ROUNDS):
            assert self.life.end() == 0
            if self.is_finished():
                return
            self.wait()
        raise AssertionError(f"not finished after {ROUNDS} lives")

    def is_finished(self) -> bool:
        with self.floor.office.store.reading() as session:
            return list(session.scalars(select(Edition.state))) == [EditionState.finished]

    def addresses(self, *states: DeliveryState) -> set[str]:
        with self.floor.office.store.reading() as session:
            return set(session.scalars(select(Delivery.address).where(Delivery.state.in_(states))))

    def check(self, readers: Collection[str]) -> None:
        """Nothing lost; twice only what the ledger had named, and then the same bytes; never with `hold`."""
        letters = self.taken.letters()
        got = Counter(recipient for recipient, _ in letters.elements())
        sent, uncertain = self.addresses(DeliveryState.sent), self.addresses(*UNKNOWN)
        assert (sent | uncertain, sent & uncertain) == (set(readers), set())
        assert uncertain <= (self.named if self.life.policy is InDoubtPolicy.hold else set())
        assert sent <= set(got) <= set(readers)
        assert {recipient for recipient, count in got.items() if count > 1} <= self._repeatable()
        assert len(letters) == len(got), "a letter was sent again with other bytes"
        assert self.most_named <= self.life.connections
        assert self._watermarks() == {1}

    def _repeatable(self) -> set[str]:
        return self.named if self.life.policy is InDoubtPolicy.resend else set()

    def _watermarks(self) -> set[int]:
        with self.floor.office.store.reading() as session:
            return set(session.scalars(select(Subscription.watermark)))
