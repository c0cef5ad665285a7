import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.engine import Store, open_store
from fascicle.sink import sink
from scheduler.dispatch import tables
from tests.conftest import databases_like, new_database, url_of
from tests.dispatch.floor import WAYS, Floor, a_dispatcher
from tests.making import NOON, a_house, a_reader, a_series
from tests.reusing import Reused
from tests.sending.office import Office


@pytest.fixture(scope="session")
def template_with_jobs(postgresql_server: str, postgresql_template: str) -> str:
    """A database with our tables and procrastinate's."""
    name = new_database(postgresql_server, postgresql_template)
    store = open_store(url_of(postgresql_server, name))
    tables.upgrade(store)
    store.close()
    return name


@pytest.fixture(scope="session")
def databases_with_jobs(postgresql_server: str, template_with_jobs: str) -> Reused:
    return databases_like(postgresql_server, template_with_jobs)


@pytest.fixture
def jobs_store(postgresql_server: str, databases_with_jobs: Reused) -> Iterator[Store]:
    """A store with procrastinate's tables."""
    with databases_with_jobs.one() as name:
        store = open_store(url_of(postgresql_server, name))
        yield store
        store.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def floor(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Floor]:
    """On the noon of Sunday, 1 March 2026, with one series, and Alice, who reads it daily at 07:00 UTC."""
    with _url(way, request, tmp_path) as url:
        store = open_store(url)
        office = Office(store, tmp_path, NOON, NOON)
        a_house(store)
        made = Floor(office, a_dispatcher(way, office))
        with store.writing() as session:
            a_series(session)
            a_reader(session)
        yield made
        store.close()


@contextmanager
def _url(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if way == WAYS[0]:
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "fascicle.db")
        yield f"sqlite:///{path}"
        return
    kept = "databases_with_jobs" if "procrastinate" in way else "postgresql_databases"
    databases: Reused = request.getfixturevalue(kept)
    with databases.one() as name:
        yield url_of(request.getfixturevalue("postgresql_server"), name)


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
