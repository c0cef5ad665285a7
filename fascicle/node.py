"""Who owns this process's leases: a name that its successor on this node has too, so that a kill delays nothing."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lease_owner(lock: Path) -> Iterator[str]:
    """The name under which one worker takes leases, for as long as the block runs.

    The first worker of a node holds the lock file, which the kernel frees when the process dies; so whoever holds it
    knows that leases under the node's name are dead. A second worker beside it gets a name of its own.
    """
    with lock.open("a") as file:
        node = f"{socket.gethostname()}:{lock}"
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            node = f"{node}:{os.getpid()}"
        yield node
