"""Who owns this process's leases: a name that its successor on this node has too, so that a kill delays nothing."""

import fcntl
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lease_owner(lock: Path) -> Iterator[str]:
    """The name under which one worker takes leases, for as long as the block runs.

    The first worker of a node holds the lock file, which the kernel frees when the process dies; so whoever holds it
    knows that leases under the node's name are dead. A second worker beside it gets a name that nobody had before.
    The file keeps a random part of the name: machines and containers may well share a host's name and a folder's.
    """
    with lock.open("a+", encoding="ascii") as file:
        name = f"{socket.gethostname()}:{lock}"
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield f"{name}:{secrets.token_hex(4)}"
        else:
            yield f"{name}:{_kept(lock)}"


def _kept(lock: Path) -> str:
    """The random part that was chosen when this node first worked."""
    if not (kept := lock.read_text(encoding="ascii")):
        kept = secrets.token_hex(4)
        lock.write_text(kept, encoding="ascii")
    return kept
