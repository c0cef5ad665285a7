"""An edition whose worker is killed again and again, wherever it happens to be."""

import os
import random

import pytest

from tests.dispatch.floor import WAYS
from tests.dispatch.kills.conftest import Begin
from tests.dispatch.kills.points import Blow

KILLS = int(os.environ.get("FASCICLE_KILLS", "54"))
"""In all; `make kills` has more."""
EACH = KILLS // 6
READERS = 40 * EACH
EVERYBODY = [f"reader{number}@example.org" for number in range(1, READERS + 1)]
POINTS_EACH = 150
"""About so many points come before the next kill at most: a third of a drain, so that it lasts."""


@pytest.mark.long
@pytest.mark.parametrize("connections", [10, 50])
@pytest.mark.parametrize("way", WAYS)
def test_an_edition_killed_at_random_moments_loses_nothing_and_repeats_only_what_was_named(
    begin: Begin, way: str, connections: int
):
    chance = random.Random(f"{way} {connections}")
    drain = begin(way, READERS, connections=connections)

    for _ in range(EACH):
        drain.strike(Blow(chance.randint(1, POINTS_EACH)))
    drain.to_the_end()

    drain.check(EVERYBODY)
    assert drain.kills == EACH
