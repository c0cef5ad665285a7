"""Four workers on one PostgreSQL: one is killed, one cut off from the database past its lease; nobody notices."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from db.states import StoreKind
from fascicle.app import init_store, opened
from fascicle.config import read_config
from fascicle.sample import write_sample
from scheduler import cutting
from scheduler.passes import Clockwork
from scheduler.release import Rules
from tests.conftest import new_database, url_of
from tests.fleet.fleet import Fleet, counting_relay, fill, through, until
from tests.fleet.wire import Wire
from tests.making import a_planned_post, a_series
from timing.clocks import machine_now

SIZE = int(os.environ.get("FASCICLE_FLEET", "2000"))
"""Readers; `make fleet` has more."""
PATIENCE = 60 + SIZE / 50
CONNECTIONS = 10


@pytest.fixture
def fleet(way: str, tmp_path: Path, postgresql_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    """A store in which an edition to all readers is about to go out, and a relay that counts."""
    url = url_of(postgresql_server, new_database(postgresql_server))
    write_sample(tmp_path / "config.yaml")
    with counting_relay(tmp_path / "taken") as port:
        for name, value in (("DATABASE", url), ("DISPATCH", way), ("RELAYS__MAIN__PORT", str(port))):
            monkeypatch.setenv(f"FASCICLE_{name}", value)
        monkeypatch.setitem(cutting.cut_some.__kwdefaults__, "size", min(1000, SIZE // 40))
        config = read_config(tmp_path / "config.yaml")
        now = machine_now()
        init_store(config, kind=StoreKind.live, now=now)
        with opened(config) as app:
            with app.store.writing() as session:
                series = a_series(session, now=now)
                a_planned_post(session, series, now + timedelta(minutes=1), slug="one", now=now)
            fill(app.store, series.id, SIZE)
            Clockwork(app.store, config.node_file, Rules()).wake(now + timedelta(minutes=1))
            yield Fleet(tmp_path, app.store, app.store.engine.url, tmp_path / "taken")


@pytest.mark.slow
@pytest.mark.parametrize(("way", "end"), [("embedded", Wire.hush), ("procrastinate", Wire.cut)])
def test_an_edition_goes_out_once_though_one_worker_is_killed_and_one_cut_off(
    fleet: Fleet, end: Callable[[Wire], None]
):
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(fleet.url).running())
        stack.callback(lambda: [worker.kill() for worker in fleet.workers.values()])
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
    """False when it had just ended its batch before its wire was cut."""
    until(lambda: fleet.held_by("cut"), PATIENCE)
    batch = fleet.held_by("cut")
    end(wire)
    if batch is None:
        return False
    until(lambda: not fleet.is_with("cut", batch), PATIENCE)
    return fleet.was_taken_over(batch, "cut")
