from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import open_store
from feeds.check.model import Model
from tests.feeds.check.publishing import Site, a_site
from tests.feeds.check.shelf import Shelf


@pytest.fixture(scope="session")
def published(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without a fault, made once; nobody changes it."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "fascicle.db").write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    yield a_site(store, folder / "public")
    store.close()


@pytest.fixture(scope="session")
def model(published: Site) -> Model:
    """What should be published; its texts are rendered once for all tests."""
    return published.model()


@pytest.fixture
def site(published: Site, tmp_path: Path) -> Iterator[Site]:
    """A copy of the site, with a store of its own."""
    copy = published.copied(tmp_path)
    yield copy
    copy.store.close()


@pytest.fixture
def shelf(published: Site) -> Shelf:
    """Its documents alone, to spoil."""
    storage = published.storage
    return Shelf({path: stored for path in storage.paths() if (stored := storage.read(path))})
