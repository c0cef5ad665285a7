"""`serve`: clock and planner, worker and web in one process, each on a thread of its own, stopped by SIGTERM."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from types import FrameType

import structlog
import uvicorn

from db.errors import FascicleError
from fascicle.app import App, clockwork, web_of, working
from fascicle.planner import Planner
from scheduler.clock import ReleaseClock
from scheduler.passes import Passes
from timing.clocks import machine_now

log = structlog.get_logger()

IDLE = 0.5
"""Seconds the worker rests when there was nothing to do and nobody woke it."""
LAST_WORD = 25
"""Seconds that letters after their dot are given to hear the relay's answer when the program stops."""
ROLES = ("clock", "worker", "web")


class Worker:
    """Writes feeds and sends letters, again and again, until told to stop; beside that, tells the hub of news."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = Event()
        self._woken = Event()
        self._written = Event()
        self.failed = False
        self._thread = Thread(target=self._run, args=(self._work,), name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Begin nothing more; wait for the letters that are past their dot. What is left then is in doubt."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(LAST_WORD)

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            # A bug. A program without its worker would look alive and send nothing, so it ends, for all to see.
            log.exception("worker failed")
            self.failed = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _work(self) -> None:
        with working(self._app, stopping=self._stopping) as passes, self._pinging(passes):
            self._repeat(lambda: self._round(passes), self._woken)

    @contextmanager
    def _pinging(self, passes: Passes) -> Iterator[None]:
        """Tell the hub on a thread of its own meanwhile: a hub that takes its time must not delay a letter."""
        again = partial(self._repeat, passes.ping_hubs, self._written)
        pings = Thread(target=self._run, args=(again,), name="pings", daemon=True)
        if passes.pings:
            pings.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._written.set()
            if pings.ident:
                pings.join()

    def _repeat(self, work: Callable[[], object], woken: Event) -> None:
        while not self._stopping.is_set():
            self._in_words(work)
            woken.wait(IDLE)
            woken.clear()

    def _round(self, passes: Passes) -> None:
        if passes.write_feeds():
            self._written.set()
        passes.send_letters(self._app.now())

    def _in_words(self, work: Callable[[], object]) -> None:
        try:
            work()
        except FascicleError as error:
            log.error("worker cannot work", problem=str(error))
            self._stopping.wait(1)


def serve(app: App, *, roles: frozenset[str] = frozenset(ROLES)) -> None:
    """Run until SIGTERM or SIGINT. Raises SystemExit(1) when a bug ended the planner or the worker."""
    stopped = Event()
    server = web_server(app) if "web" in roles else None
    _on_stop_signals(stopped, server)
    with _clock_and_worker(app, roles):
        if server:
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
    server.run()


def web_server(app: App, *, outbox: Path | None = None) -> uvicorn.Server:
    """The pages' server, which finishes the answers under way when it is told to stop."""
    config = uvicorn.Config(
        web_of(app, outbox=outbox),
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
