"""Doing something again and again beside a block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeating(step: Callable[[], object], *, every: float, name: str) -> Iterator[None]:
    """Take a step each time `every` seconds have passed, until the block ends, on a thread of this name.

    A step under way is waited for. One that raises is the last.
    """
    done = threading.Event()

    def run() -> None:
        while not done.wait(every):
            step()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
