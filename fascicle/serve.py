"""`serve`: clock and planner, worker and web, all in one process or each in its own, stopped cleanly by SIGTERM."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from db.checkpoints import checkpointing
from fascicle.app import App, clockwork, web_of
from fascicle.heap import settle
from fascicle.household import household_of
from fascicle.planner import Planner
from fascicle.worker import Worker
from mail.dns_records import txt_records
from scheduler.clock import ReleaseClock
from timing.clocks import machine_now
from web.asked import kept

log = structlog.get_logger()

ROLES = ("clock", "worker", "web")


def serve(app: App, *, roles: frozenset[str] = frozenset(ROLES), outbox: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT, with a folder of received letters among the pages where one is named.

    Raises SystemExit(1) when a bug ended the planner or the worker.
    """
    stopped = Event()
    server = web_server(app, outbox=outbox) if "web" in roles else None
    _on_stop_signals(stopped, server)
    settle()
    with checkpointing(app.store), _clock_and_worker(app, roles):
        if server:
            with kept(app.asked, app.store):
                server.run()
        else:
            stopped.wait()


@contextmanager
def _clock_and_worker(app: App, roles: frozenset[str]) -> Iterator[None]:
    worker = Worker(app) if "worker" in roles else None
    works = clockwork(app)
    planner = Planner(works, machine_now, worker.wake if worker else _nobody)

    def wake(now: datetime) -> None:
        if works.release(now):
            planner.wake()
            if worker:
                worker.wake()

    clock = ReleaseClock(wake, works.next_release_at, machine_now) if "clock" in roles else None
    if worker:
        worker.start()
    if clock:
        clock.start()
        planner.start()
    try:
        yield
    finally:
        if clock:
            clock.stop()
            planner.stop()
        if worker:
            worker.stop()
    if planner.failed or (worker and worker.failed):
        raise SystemExit(1)


def _nobody() -> None:
    """Whom a planner wakes in a process without a worker: workers elsewhere look by themselves."""


def run_web(app: App, *, outbox: Path) -> None:
    """Serve pages, with a folder of received letters among them, until a signal."""
    server = web_server(app, outbox=outbox)
    _on_stop_signals(Event(), server)
    with kept(app.asked, app.store):
        server.run()


def pages_of(app: App, *, outbox: Path | None = None) -> FastAPI:
    """All pages, with what the settings among them look up by themselves."""
    household = household_of(app.config, app.templates, lookup=txt_records, machine=machine_now)
    return web_of(app, household, outbox=outbox)


def web_server(app: App, *, outbox: Path | None = None) -> uvicorn.Server:
    """The pages' server, which finishes the answers under way when it is told to stop."""
    config = uvicorn.Config(
        pages_of(app, outbox=outbox),
        host=app.config.host,
        port=app.config.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=5,
    )
    log.info("serving", url=app.config.site.url, listen=app.config.listen)
    return uvicorn.Server(config)


def _on_stop_signals(stopped: Event, server: uvicorn.Server | None) -> None:
    """Make SIGTERM and SIGINT end the program in good order, from its first moment on.

    uvicorn has handlers of its own while it runs, and raises the signal that stopped it once more for those from
    before: without these the process would die there, before clock and worker have stopped.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        stopped.set()
        if server:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
