from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Store, open_store
from tests.making import a_house
from tests.web.making import Shop, a_shop


@pytest.fixture
def either(store: Store, tmp_path: Path) -> Shop:
    """A site on each of the databases, for what is written."""
    return Shop(tmp_path, store)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = a_shop(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def shop_on_both(store_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A shop over a store that was set up, on each database in turn."""
    store = open_store(store_url)
    a_house(store)
    yield Shop(tmp_path, store)
    store.close()
