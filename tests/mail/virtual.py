"""An event loop whose time jumps to the next timer instead of waiting for it, over real sockets and real threads."""

import asyncio
import os
import random
import selectors
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

T = TypeVar("T")

_STUCK: Final = 120.0
"""Real seconds after which a test that waits for nothing at all is given up."""


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives, with no waiting for timers."""
    with on_one_processor(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Each processor has a queue of its own for what is sent within the machine: in one queue nothing overtakes."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {random.choice(sorted(allowed))})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _deaf(_seconds: float) -> None:
    """Nobody wants to know how far time has jumped."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while something happens, and leaps by `leapt(seconds)` when nothing can but a timer.

    Both ends of a conversation must live on this loop: it cannot see what another thread's sockets are about to send.
    Work handed to a thread takes no time.
    """

    def __init__(self, leapt: Callable[[float], None] = _deaf) -> None:
        self._instant = 0.0
        self._leapt = leapt
        self._in_threads = 0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        return self._instant

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: object
    ) -> asyncio.Future[Any]:
        self._in_threads += 1
        work = super().run_in_executor(executor, func, *args)
        work.add_done_callback(self._back_from_thread)
        return work

    def _back_from_thread(self, _work: asyncio.Future[Any]) -> None:
        self._in_threads -= 1

    @property
    def waits_for_threads(self) -> bool:
        return self._in_threads > 0

    def leap(self, seconds: float) -> None:
        self._instant += seconds
        self._leapt(seconds)


class _Leaping(selectors.DefaultSelector):
    """What the loop waits with: asks the sockets, and where it would wait for a timer, lets time leap."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._barrier = _Barrier()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        happened = super().select(0)
        if happened or (timeout is not None and timeout <= 0):
            return happened
        if self._loop.waits_for_threads:
            return self._something_at_last()
        self._barrier.pass_through()
        happened = super().select(0)
        if happened:
            return happened
        if timeout is None:
            return self._something_at_last()
        self._loop.leap(timeout)
        return []

    def _something_at_last(self) -> list[tuple[selectors.SelectorKey, int]]:
        happened = super().select(_STUCK)
        assert happened, f"the loop waits for something that is no timer and did not happen in {_STUCK} s"
        return happened

    def close(self) -> None:
        self._barrier.close()
        super().close()


class _Barrier:
    """A byte sent to ourselves the way that all the others go: once it is here, so is what was sent before it."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._here = socket.create_connection(server.getsockname())
            self._there, _ = server.accept()
        self._here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pass_through(self) -> None:
        self._here.send(b".")
        self._there.recv(1)

    def close(self) -> None:
        self._here.close()
        self._there.close()
