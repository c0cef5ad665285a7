"""The whole program in one process: pages, worker and clock's work, over a relay that waits for the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import yaml
from sqlalchemy import select

from db import operators
from db.states import Role, StoreKind
from db.tables import Series
from fascicle.app import App, clockwork, opened
from fascicle.config import Config, read_config
from fascicle.founding import init_store
from fascicle.planner import Planner
from fascicle.serve import pages_of
from fascicle.worker import Worker
from tests.mail.faults import Script
from tests.making import a_planned_post, a_reader, a_series
from tests.ports import free_port
from tests.sending.office import WatchedRelay, running
from tests.web.serving import serving
from tests.web.staff import PASSWORD
from timing.clocks import machine_now
from web.auth.passwords import Passwords

PATIENT = 60
"""Seconds after which a letter goes on by itself: a test that failed must end, too."""


@dataclass
class Gate:
    """Where letters wait after their last dot until they are let through."""

    _permits: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def let_through(self, letters: int) -> None:
        self._permits.release(letters)

    def open(self) -> None:
        self._permits.release(10_000)

    def wait(self) -> None:
        self._permits.acquire(timeout=PATIENT)


@dataclass
class House:
    app: App
    url: str
    relay: WatchedRelay
    gate: Gate
    planner: Planner

    def readers(self, *names: str, **values: object) -> None:
        with self.app.store.writing() as session:
            for name in names:
                a_reader(session, f"{name}@readers.example", series=("primer",), **values)

    def post(self, slug: str, *, due_in: timedelta) -> None:
        with self.app.store.writing() as session:
            series = session.scalars(select(Series)).one()
            now = machine_now().replace(microsecond=0)
            a_planned_post(session, series, now + due_in, slug=slug, title=f"Chapter {slug}", now=now - timedelta(1))

    def release(self) -> None:
        """What the clock does when something is due."""
        clockwork(self.app).release(machine_now())
        self.planner.wake()

    def recipients(self) -> list[str]:
        return sorted(one.recipient for one in self.relay.accepted)


@contextmanager
def a_running_house(database: str, folder: Path, script: Script | None = None) -> Iterator[House]:
    """One series, an owner Ada and an editor Ed; two connections to the relay."""
    gate, port = Gate(), free_port()
    relay = WatchedRelay(script or {}, gate.wait)
    with running(relay) as relay_port:
        config = _config(folder, database, port, relay_port)
        init_store(config, kind=StoreKind.live, now=machine_now())
        with opened(config) as app:
            _fill(app)
            worker = Worker(app)
            planner = Planner(clockwork(app), machine_now, worker.wake)
            worker.start()
            planner.start()
            try:
                with serving(pages_of(app), port=port) as url:
                    yield House(app, url, relay, gate, planner)
            finally:
                gate.open()
                planner.stop()
                worker.stop()


def _config(folder: Path, database: str, port: int, relay_port: int) -> Config:
    values = {
        "site": {"title": "My serials", "url": f"http://127.0.0.1:{port}", "author": {"name": "A. Writer"},
                 "language": "en", "zone": "UTC", "postal_address": "1 Example Street, Riga"},
        "database": database,
        "mail": {"from": "My serials <post@example.org>", "connections": 2},
        "relays": {"main": {"host": "127.0.0.1", "port": relay_port, "tls": "none"}},
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return read_config(path)


def _fill(app: App) -> None:
    hashed = Passwords().hash(PASSWORD)
    with app.store.writing() as session:
        a_series(session, title="The Primer")
        for name, role in (("ada", Role.owner), ("ed", Role.editor)):
            operators.add(
                session, email=f"{name}@example.org", name=name.title(), role=role, password=hashed, now=machine_now()
            )
