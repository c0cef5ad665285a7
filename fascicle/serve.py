"""`serve`: clock, worker and web in one process, each on a thread of its own, stopped cleanly by SIGTERM."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from types import FrameType

import structlog
import uvicorn

from db.errors import FascicleError
from fascicle.app import App, clockwork, web_of, working
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
    """Writes feeds and sends letters, again and again, until told to stop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = Event()
        self._woken = Event()
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Begin nothing more; wait for the letters that are past their dot. What is left then is in doubt."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(LAST_WORD)

    def _run(self) -> None:
        with working(self._app, stopping=self._stopping) as passes:
            while not self._stopping.is_set():
                self._round(passes)
                self._woken.wait(IDLE)
                self._woken.clear()

    def _round(self, passes: Passes) -> None:
        try:
            passes.write_feeds()
            passes.send_letters(self._app.now())
        except FascicleError as error:
            log.error("worker cannot work", problem=str(error))
            self._stopping.wait(1)


def serve(app: App, *, roles: frozenset[str] = frozenset(ROLES), outbox: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT."""
    with _clock_and_worker(app, roles):
        if "web" in roles:
            run_web(app, outbox=outbox)
        else:
            _wait_for_a_signal()


@contextmanager
def _clock_and_worker(app: App, roles: frozenset[str]) -> Iterator[None]:
    worker = Worker(app) if "worker" in roles else None
    works = clockwork(app)

    def wake(now: datetime) -> None:
        if works.wake(now) and worker:
            worker.wake()

    clock = ReleaseClock(wake, works.next_due_at, machine_now) if "clock" in roles else None
    if worker:
        worker.start()
    if clock:
        clock.start()
    try:
        yield
    finally:
        if clock:
            clock.stop()
        if worker:
            worker.stop()


def run_web(app: App, *, outbox: Path | None = None) -> None:
    """Serve pages until a signal; uvicorn catches it and finishes the answers under way."""
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
    # uvicorn raises the signal that stopped it once more, for the handlers from before; without ours the process would
    # die there, before clock and worker have stopped.
    _on_stop_signals(lambda: None)
    log.info("serving", url=app.config.site.url, listen=app.config.listen)
    uvicorn.Server(config).run()


def _wait_for_a_signal() -> None:
    stopped = threading.Event()
    _on_stop_signals(stopped.set)
    stopped.wait()


def _on_stop_signals(act: Callable[[], None]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
