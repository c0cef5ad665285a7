from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.making import Shop, a_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = a_shop(tmp_path)
    yield made
    made.store.close()
