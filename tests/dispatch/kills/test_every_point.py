"""A worker killed at each step of its work: nothing is lost, and twice comes only what the ledger had named."""

import random

import pytest

from db.states import InDoubtPolicy
from tests.dispatch.floor import WAYS
from tests.dispatch.kills.conftest import Begin
from tests.dispatch.kills.points import COMMIT, MOST_COMMITS, STEPS, Blow, Moment

READERS = 130
"""Two batches."""
EVERYBODY = [f"reader{number}@example.org" for number in range(1, READERS + 1)]
EARLY = ("releases what is due", "cuts an edition into batches", "writes documents", "notes that they are written")
"""Steps before any letter, on which connections and policies have no bearing."""
POINTS = [(step, moment) for step in [*STEPS, COMMIT] for moment in Moment]
LATE = [(step, moment) for step, moment in POINTS if step not in EARLY]


def a_blow(step: str, moment: Moment, *whose: object) -> Blow:
    most = STEPS[step].most if step in STEPS else MOST_COMMITS
    return Blow(random.Random(f"{step} {moment} {whose}").randint(1, most), step, moment)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "moment"), POINTS)
def test_a_worker_killed_at_any_point_loses_nothing_and_repeats_only_what_was_named(
    begin: Begin, way: str, step: str, moment: Moment
):
    drain = begin(way, READERS, connections=10)

    drain.strike(a_blow(step, moment, way, 10))
    drain.to_the_end()

    drain.check(EVERYBODY)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "moment"), LATE)
def test_nor_does_one_with_many_connections(begin: Begin, way: str, step: str, moment: Moment):
    drain = begin(way, READERS, connections=50)

    drain.strike(a_blow(step, moment, way, 50))
    drain.to_the_end()

    drain.check(EVERYBODY)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "moment"), LATE)
def test_who_holds_what_is_in_doubt_sends_nothing_twice(begin: Begin, way: str, step: str, moment: Moment):
    drain = begin(way, READERS, connections=10, policy=InDoubtPolicy.hold)

    drain.strike(a_blow(step, moment, way, "hold"))
    drain.to_the_end()

    drain.check(EVERYBODY)
