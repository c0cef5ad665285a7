"""Where finished documents are kept for the web server: a protocol, and a directory that fulfils it."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

from db.errors import FascicleError

_MODE = 0o644  # the web server that reads the files may be another user
_WHAT_NOW = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space within the user's quota",
    errno.EACCES: "let the user that runs the program write there",
    errno.EPERM: "let the user that runs the program write there",
    errno.EROFS: "mount that disk for writing, or choose another folder in config.yaml: feeds.storage",
}


class Storage(Protocol):
    """Keeps documents by relative path as "llm-primer/feed.atom"; each method may raise StorageRefused."""

    def write(self, path: str, body: bytes) -> bool:
        """Stores the whole body or nothing; False when the stored bytes are already the same."""

    def read(self, path: str) -> bytes | None:
        """The stored bytes, or None where there are none."""

    def delete(self, path: str) -> None:
        """Removes the document; does nothing where there is none."""


class StorageRefused(FascicleError):
    """A document could not be stored, read or removed; carries `path` and `reason`."""

    def __init__(self, path: str, reason: str, *, now: str) -> None:
        super().__init__(f"feed storage: {path!r}: {reason}; {now}")
        self.path = path
        self.reason = reason


class DirectoryStorage:
    """Documents as files below `root`, which is made when it is missing. A reader never sees half a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, path: str, body: bytes) -> bool:
        """See Storage; once it returns True the bytes survive a power cut."""
        target = self._target(path)
        with _refusing(path):
            if _read(target) == body:
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, body)
            return True

    def read(self, path: str) -> bytes | None:
        target = self._target(path)
        with _refusing(path):
            return _read(target)

    def delete(self, path: str) -> None:
        target = self._target(path)
        with _refusing(path), suppress(FileNotFoundError, NotADirectoryError):
            target.unlink()
            _sync_folder(target.parent)

    def _target(self, path: str) -> Path:
        parts = path.split("/")
        plain = all(part not in ("", ".", "..") for part in parts) and not set(path) & {"\\", "\0"}
        if not plain or not path.isprintable():
            raise StorageRefused(path, "is not a plain relative path", now="name a file below the storage's folder")
        with _refusing(path):
            target = self._root.joinpath(*PurePosixPath(path).parts)
            # A link inside the folder may lead out of it, even when each name is harmless.
            if not target.resolve().is_relative_to(self._root.resolve()):
                raise StorageRefused(path, "leaves the storage's folder", now="remove the symbolic link on its way")
        return target


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        now = _WHAT_NOW.get(error.errno or 0, "check the folder named in config.yaml: feeds.storage")
        raise StorageRefused(path, error.strerror or str(error), now=now) from error


def _read(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace(target: Path, body: bytes) -> None:
    # In the same folder, as a rename is atomic only within one disk; with a dot, so that no server lists it.
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(descriptor, _MODE)
            os.fsync(descriptor)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    # The new name itself is on the disk only after the folder was synced.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
