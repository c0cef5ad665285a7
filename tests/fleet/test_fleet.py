"""Four workers on one PostgreSQL: one is killed, one cut off from the database past its lease; nobody notices."""

import os
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.fleet.fleet import LEASE, Fleet, came, through, until
from tests.fleet.wire import Wire

SIZE = int(os.environ.get("FASCICLE_FLEET", "20000"))
"""Readers; `make fleet` has more."""
PATIENCE = 60 + SIZE / 50
CONNECTIONS = 10


@pytest.fixture
def size() -> int:
    return SIZE


@pytest.mark.long(minutes=2)
@pytest.mark.parametrize(("way", "end"), [("embedded", Wire.hush), ("procrastinate", Wire.cut)])
def test_an_edition_goes_out_once_though_one_worker_is_killed_and_one_cut_off(
    fleet: Fleet, end: Callable[[Wire], None]
):
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(fleet.url).running())
        stack.callback(fleet.kill_all)
        for name in ("first", "second", "killed"):
            fleet.start(name, fleet.url)
        fleet.start("cut", through(fleet.url.render_as_string(hide_password=False), wire.port))

        until(lambda: fleet.held_by("killed"), PATIENCE)
        fleet.workers["killed"].kill()
        while not cut_off_until_others_have_its_batch(fleet, wire, end):
            wire.mend()
        wire.mend()
        until(fleet.is_finished, PATIENCE)
        ended = [fleet.stop(name) for name in ("first", "second", "cut")]

    named = fleet.ever_in_doubt()
    received = fleet.received()
    assert ended == [0, 0, 0]
    assert fleet.states() == {"sent": SIZE}
    assert {recipient for recipient, _ in received} == {f"reader{number}@example.org" for number in range(1, SIZE + 1)}
    assert len(received) == SIZE
    assert {recipient for (recipient, _), count in received.items() if count > 1} <= named
    assert len(named) <= 2 * CONNECTIONS


def cut_off_until_others_have_its_batch(fleet: Fleet, wire: Wire, end: Callable[[Wire], None]) -> bool:
    """False when it had just ended its batch before its wire was cut.

    And when it was cut off in the middle of a statement: then its server waits for the rest of it, and keeps the batch
    from all others until it learns that the line is dead. Not here, where it is mended soon.
    """
    until(lambda: fleet.held_by("cut"), PATIENCE)
    batch = fleet.held_by("cut")
    end(wire)
    if batch is None:
        return False
    return came(lambda: not fleet.is_with("cut", batch), 4 * LEASE) and fleet.was_taken_over(batch, "cut")
