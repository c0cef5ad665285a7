import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from db import migrate
from db.engine import open_store
from db.states import InDoubtPolicy
from scheduler import copies
from scheduler.dispatch import tables
from tests.conftest import new_database, url_of
from tests.dispatch.floor import WAYS
from tests.dispatch.kills.drain import Drain, Taken
from tests.dispatch.kills.life import Life, floor_of
from tests.fleet.fleet import counting_relay, fill
from tests.making import NOON, a_house, a_planned_post, a_series, at

SIX = at("2026-03-02 06:00")
Begin = Callable[..., Drain]


@pytest.fixture(scope="session")
def relay_that_counts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    path = tmp_path_factory.mktemp("relay") / "taken"
    path.touch()
    with counting_relay(path) as port:
        yield port, path


@pytest.fixture(scope="session")
def eve(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str, int], str]:
    """A store on the eve of a post that so many readers want at once; made once, to be copied."""
    made: dict[tuple[str, int], str] = {}

    def of(way: str, size: int) -> str:
        if (way, size) not in made:
            made[way, size] = _made(way, size)
        return made[way, size]

    def _made(way: str, size: int) -> str:
        if way == WAYS[0]:
            place = str(tmp_path_factory.mktemp("eve") / "fascicle.db")
            _fill(f"sqlite:///{place}", way, size)
            return place
        server = request.getfixturevalue("postgresql_server")
        place = new_database(server)
        _fill(url_of(server, place), way, size)
        return place

    return of


def _fill(url: str, way: str, size: int) -> None:
    store = open_store(url)
    migrate.upgrade(store)
    if "procrastinate" in way:
        tables.upgrade(store)
    a_house(store)
    with store.writing() as session:
        _plan(session)
    fill(store, 1, size)
    store.close()


def _plan(session: Session) -> None:
    series = a_series(session)
    assert series.id == 1
    a_planned_post(session, series, SIX, slug="one", now=NOON)


@pytest.fixture
def begin(
    eve: Callable[[str, int], str],
    relay_that_counts: tuple[int, Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Begin]:
    """Sets an edition going out: `begin(way, readers, connections=…, policy=…)`."""
    port, taken = relay_that_counts
    with ExitStack() as stack:

        def drain(way: str, size: int, *, connections: int, policy: InDoubtPolicy = InDoubtPolicy.resend) -> Drain:
            url = _copied(eve(way, size), way)
            orders = {"connections": connections, "policy": policy, "port": port}
            life = Life(way=way, url=url, folder=tmp_path, now=SIX, **orders)
            floor = stack.enter_context(floor_of(life))
            copies.adopt(floor.office.store, tmp_path / "node.json")
            return Drain(floor, life, Taken(taken).again())

        def _copied(place: str, way: str) -> str:
            if way == WAYS[0]:
                return f"sqlite:///{shutil.copy(place, tmp_path / 'fascicle.db')}"
            server = request.getfixturevalue("postgresql_server")
            return url_of(server, new_database(server, place))

        yield drain
