from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Store
from fascicle.sink import sink
from tests.bounces.desk import PATHS, Desk
from tests.making import NOON, a_house, a_reader, a_series
from tests.sending.office import Office


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def relay(outbox: Path) -> Iterator[int]:
    """The port of a relay that takes every letter and keeps it in the outbox."""
    with sink(outbox) as port:
        yield port


@pytest.fixture
def desk(store: Store, tmp_path: Path, relay: int) -> Desk:
    """Where what comes back arrives. Alice and Bob read one series daily at 07:00 UTC; it is noon of 1 March 2026."""
    a_house(store)
    with store.writing() as session:
        a_series(session)
        a_reader(session)
        a_reader(session, "bob@example.org")
    return Desk(Office(store, tmp_path, NOON, NOON, paths=PATHS), relay)
