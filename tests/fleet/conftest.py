from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.states import StoreKind
from fascicle.app import opened
from fascicle.config import read_config
from fascicle.founding import init_store
from fascicle.sample import write_sample
from scheduler import cutting
from scheduler.passes import Clockwork
from scheduler.release import Rules
from tests.conftest import new_database, url_of
from tests.fleet.fleet import Fleet, counting_relay, fill
from tests.making import a_planned_post, a_series
from timing.clocks import machine_now


@pytest.fixture
def fleet(
    way: str, size: int, tmp_path: Path, postgresql_server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    """A store in which an edition to all readers is about to go out, and a relay that counts."""
    url = url_of(postgresql_server, new_database(postgresql_server))
    write_sample(tmp_path / "config.yaml")
    with counting_relay(tmp_path / "taken") as port:
        for name, value in (("DATABASE", url), ("DISPATCH", way), ("RELAYS__MAIN__PORT", str(port))):
            monkeypatch.setenv(f"FASCICLE_{name}", value)
        monkeypatch.setitem(cutting.cut_some.__kwdefaults__, "size", min(1000, size // 40))
        config = read_config(tmp_path / "config.yaml")
        now = machine_now()
        init_store(config, kind=StoreKind.live, now=now)
        with opened(config) as app:
            with app.store.writing() as session:
                series = a_series(session, now=now)
                a_planned_post(session, series, now + timedelta(minutes=1), slug="one", now=now)
            fill(app.store, series.id, size)
            Clockwork(app.store, config.node_file, Rules()).wake(now + timedelta(minutes=1))
            yield Fleet(tmp_path, app.store, app.store.engine.url, tmp_path / "taken")
