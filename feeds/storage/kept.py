"""Documents kept in memory, the least lately asked for given up first."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

from feeds.storage.port import Stored

Mark = TypeVar("Mark")
"""What an adapter recognises an unchanged document by."""

_ROOM = 64 * 1024 * 1024
_LEAST = 1024
"""Bytes counted for any entry, so that those without a document do not grow without end."""


class Kept(Generic[Mark]):
    """Shared by the threads that answer. `room` is in bytes; a document larger than that is not kept."""

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._used = 0
        self._entries: OrderedDict[str, tuple[Mark, Stored | None]] = OrderedDict()
        self._lock = Lock()

    def get(self, path: str) -> tuple[Mark, Stored | None] | None:
        with self._lock:
            if path in self._entries:
                self._entries.move_to_end(path)
            return self._entries.get(path)

    def put(self, path: str, mark: Mark, stored: Stored | None) -> None:
        with self._lock:
            self._forget(path)
            self._entries[path] = (mark, stored)
            self._used += _size(stored)
            while self._used > self._room:
                self._forget(next(iter(self._entries)))

    def forget(self, path: str) -> None:
        with self._lock:
            self._forget(path)

    def _forget(self, path: str) -> None:
        entry = self._entries.pop(path, None)
        if entry is not None:
            self._used -= _size(entry[1])


def _size(stored: Stored | None) -> int:
    return _LEAST if stored is None else _LEAST + len(stored.body) + len(stored.gzipped or b"")
