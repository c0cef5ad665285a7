import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Store
from fascicle.sink import sink
from tests.making import NOON, a_house, a_reader, a_series
from tests.sending.office import Office


@pytest.fixture
def bare(store: Store, tmp_path: Path) -> Office:
    """An office on the noon of Sunday, 1 March 2026, with nothing in its store."""
    a_house(store)
    return Office(store, tmp_path, NOON, NOON)


@pytest.fixture
def office(bare: Office) -> Office:
    """With one series, and Alice, who reads it daily at 07:00 UTC."""
    with bare.store.writing() as session:
        a_series(session)
        a_reader(session)
    return bare


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def relay(outbox: Path) -> Iterator[int]:
    """The port of a relay that takes every letter and keeps it in the outbox."""
    with sink(outbox) as port:
        yield port


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    """A port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
