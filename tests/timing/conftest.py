from collections.abc import Iterator

import pytest

from tests.timing.oracle import reading_the_pinned_zones


@pytest.fixture(autouse=True)
def _the_oracle_reads_the_same_rules() -> Iterator[None]:
    with reading_the_pinned_zones():
        yield
