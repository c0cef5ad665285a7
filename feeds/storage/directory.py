"""Documents as files in a folder, which any web server may serve directly."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from feeds.storage.kept import Kept
from feeds.storage.port import TWIN, StorageRefused, Stored, check_plain, is_plain
from feeds.storage.replacing import locked, replace_all, sweep
from feeds.storage.twins import twin_of

_WHAT_NOW = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space within the user's quota",
    errno.EACCES: "let the user that runs the program write there",
    errno.EPERM: "let the user that runs the program write there",
    errno.EROFS: "mount that disk for writing, or choose another folder in config.yaml: feeds.storage",
    errno.ENOLCK: "choose a folder on a disk that knows locks in config.yaml: feeds.storage",
}


class _Mark(NamedTuple):
    """Differs for each version of a file: it is replaced, never changed in place."""

    changed_ns: int
    size: int
    inode: int


class DirectoryStorage:
    """Documents below `root`, which is made when it is missing. A reader never sees half a file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: Kept[_Mark] = Kept()
        self._swept: set[Path] = set()

    def write(self, path: str, body: bytes) -> bool:
        """See Storage; once it returns True the bytes survive a power cut."""
        target = self._target(path)
        with _refusing(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            with locked(target.parent):
                self._sweep_once(target.parent)
                stored = self.read(path)
                changed = stored is None or stored.body != body
                if changed:
                    _replace(target, body)
                elif stored and stored.gzipped is None:
                    self._give_twin(path, target, body)
            return changed

    def read(self, path: str) -> Stored | None:
        """See Storage; a document that did not change costs one stat."""
        check_plain(path)
        target = self._root / path
        with _refusing(path):
            mark = _mark(target)
            kept = self._kept.get(path)
            if mark is None or (kept and kept[0] == mark):
                return kept[1] if mark and kept else None
            return self._load(path, self._target(path))

    def delete(self, path: str) -> bool:
        target = self._target(path)
        with _refusing(path):
            if not target.parent.is_dir():
                return False
            with locked(target.parent):
                # The twin first: servers show a twin even when its document is gone.
                twin_was_there = _unlink(_twin_path(target))
                return _unlink(target) or twin_was_there

    def paths(self, folder: str = "") -> Iterator[str]:
        if folder:
            check_plain(folder)
        with _refusing(folder):
            files = sorted(file for file in (self._root / folder).rglob("*") if file.is_file())
        names = (file.relative_to(self._root).as_posix() for file in files)
        return (name for name in names if is_plain(name))

    def _target(self, path: str) -> Path:
        check_plain(path)
        target = self._root / path
        with _refusing(path):
            # A link inside the folder may lead out of it, even when each name is harmless.
            if not target.resolve().is_relative_to(self._root.resolve()):
                raise StorageRefused(path, "leaves the storage's folder", now="remove the symbolic link on its way")
        return target

    def _load(self, path: str, target: Path) -> Stored | None:
        found = _read(target)
        if found is None:
            return None
        mark, body = found
        twin = _read(_twin_path(target))
        modified = datetime.fromtimestamp(mark.changed_ns // 1_000_000_000, UTC)
        stored = Stored.of(body, twin and twin[1], modified)
        self._kept.put(path, mark, stored)
        return stored

    def _sweep_once(self, folder: Path) -> None:
        """Writers are killed before a start of the program, not in its midst."""
        if folder not in self._swept:
            sweep(folder)
            self._swept.add(folder)

    def _give_twin(self, path: str, target: Path, body: bytes) -> None:
        """Mend what a hand, a crash or a version without twins left; the document stays as it is."""
        packed = twin_of(body)
        if packed is not None:
            replace_all({_twin_path(target): packed})
            self._kept.forget(path)


def _replace(target: Path, body: bytes) -> None:
    """The twin first: after a crash between the two the document still differs, so both are written again."""
    packed = twin_of(body)
    if packed is None:
        _unlink(_twin_path(target))
        replace_all({target: body})
    else:
        replace_all({_twin_path(target): packed, target: body})


def _twin_path(target: Path) -> Path:
    return target.with_name(target.name + TWIN)


def _mark(target: Path) -> _Mark | None:
    """None where there is no file."""
    try:
        return _mark_of(target.stat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _mark_of(found: os.stat_result) -> _Mark | None:
    return _Mark(found.st_mtime_ns, found.st_size, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _read(target: Path) -> tuple[_Mark, bytes] | None:
    """Mark and bytes of one and the same version."""
    try:
        with target.open("rb") as file:
            mark = _mark_of(os.fstat(file.fileno()))
            return (mark, file.read()) if mark else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _unlink(target: Path) -> bool:
    try:
        target.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        now = _WHAT_NOW.get(error.errno or 0, "check the folder named in config.yaml: feeds.storage")
        raise StorageRefused(path, error.strerror or str(error), now=now) from error
