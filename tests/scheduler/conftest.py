"""A note of this node, and copies of a store as an operator would make them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from db.engine import Store, open_store
from tests.conftest import new_database, url_of
from tests.making import a_note


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return a_note(tmp_path)


@pytest.fixture
def cloned(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Store], Store]]:
    """Copies a store: the file, or the database by CREATE DATABASE … TEMPLATE."""
    with ExitStack() as opened:

        def clone(store: Store) -> Store:
            store.close()
            database = store.engine.url.database
            assert database
            if store.is_sqlite:
                copy = open_store(f"sqlite:///{shutil.copy(database, tmp_path / 'clone.db')}")
            else:
                server = request.getfixturevalue("postgresql_server")
                copy = open_store(url_of(server, new_database(server, database)))
            opened.callback(copy.close)
            return copy

        yield clone
