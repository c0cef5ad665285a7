"""One worker per node folder: who holds its lock may end the leases that dead workers of this node left behind."""

import fcntl
import socket
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from db import leases
from db.engine import Store


class NodeLock:
    """A lock on a file, which the kernel frees when the process dies. A second process works on without it."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._store = store
        self._file: IO[str] | None = None
        self.owner = f"{socket.gethostname()}:{path}"

    def __enter__(self) -> Self:
        self._file = self._path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self  # another worker of this node is alive, and its leases are its own
        with self._store.writing() as session:
            leases.expire(session, self.owner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
