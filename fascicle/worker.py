"""The worker of a process: one thread that writes feeds and sends letters, and others that never delay those."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import structlog

from fascicle.app import App, upload_taker, working
from fascicle.mailroom import Mailroom
from scheduler.passes import Passes
from scheduler.workbench import Workbench, in_words

log = structlog.get_logger()

TROUBLE = 1.0
"""Seconds to rest when nothing can be done, as while the database is away."""
ROUND = 0.5
"""Seconds between two rounds of pings when nothing new was written."""
KEEP_UP = 5.0
"""Seconds between two looks for work that was lost on its way to a worker."""
LISTS = 2.0
"""Seconds between two looks for a list that an operator has sent by a page."""
LAST_WORD = 25
"""Seconds that letters after their dot are given to hear the relay's answer when the program stops."""


class Worker:
    """Works until told to stop. A bug in it ends the program."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = Event()
        self._written = Event()
        self.failed = False
        self._thread = Thread(target=self._guarded, args=(self._work,), name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._app.dispatcher.wake()

    def stop(self) -> None:
        """Begin nothing more; wait for the letters that are past their dot. What is left then is in doubt."""
        self._stopping.set()
        self._app.dispatcher.stop()
        self._thread.join(LAST_WORD)

    def _work(self) -> None:
        with working(self._app, stopping=self._stopping) as passes, self._beside(passes):
            bench = Workbench(
                passes,
                self._app.now,
                feeds_written=self._written.set,
                in_trouble=partial(self._stopping.wait, TROUBLE),
                met_a_bug=self._fail,
            )
            while not self._stopping.is_set():
                in_words(partial(self._app.dispatcher.work, bench))
                self._stopping.wait(TROUBLE)

    @contextmanager
    def _beside(self, passes: Passes) -> Iterator[None]:
        """What goes on meanwhile on threads of its own: a hub that takes its time must not delay a letter."""
        keep_up = partial(self._repeat, self._app.dispatcher.keep_up, self._stopping, KEEP_UP)
        threads = [Thread(target=self._guarded, args=(keep_up,), name="keep-up", daemon=True)]
        taker = upload_taker(self._app, passes.letters.owner, stopping=self._stopping)
        lists = partial(self._repeat, taker.do_one, self._stopping, LISTS)
        threads.append(Thread(target=self._guarded, args=(lists,), name="lists", daemon=True))
        if passes.pings:
            ping = partial(self._repeat, passes.ping_hubs, self._written, ROUND)
            threads.append(Thread(target=self._guarded, args=(ping,), name="pings", daemon=True))
        mailroom = self._mailroom()
        threads += self._in_the(mailroom) if mailroom else []
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._written.set()
            for thread in threads:
                thread.join()
            if mailroom:
                mailroom.close()

    def _mailroom(self) -> Mailroom | None:
        settings = self._app.config.bounces
        return Mailroom(self._app, settings) if settings else None

    def _in_the(self, mailroom: Mailroom) -> list[Thread]:
        tend = partial(self._repeat, mailroom.tend, self._stopping, KEEP_UP)
        threads = [Thread(target=self._guarded, args=(tend,), name="mailroom", daemon=True)]
        if mailroom.has_mailbox:
            visit = partial(self._repeat, partial(mailroom.visit, self._stopping.is_set), self._stopping, mailroom.rest)
            threads.append(Thread(target=self._guarded, args=(visit,), name="mailbox", daemon=True))
        return threads

    def _repeat(self, work: Callable[[], object], woken: Event, rest: float) -> None:
        while not self._stopping.is_set():
            if not in_words(work):
                self._stopping.wait(TROUBLE)
            if woken.wait(rest) and woken is not self._stopping:
                woken.clear()

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            self._fail()

    def _fail(self) -> None:
        """For a bug: a program without its worker would look alive and send nothing, so it ends, for all to see."""
        if not self.failed:
            log.exception("worker failed")
            self.failed = True
            os.kill(os.getpid(), signal.SIGTERM)
