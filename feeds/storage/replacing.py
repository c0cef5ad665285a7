"""Files replaced whole, so that who reads one, be it a web server, sees the old or the new and nothing between."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

_MODE = 0o644  # the web server that reads the files may be another user
_PREFIX, _SUFFIX = ".", ".part"
_SECOND = 1_000_000_000  # ns


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The only writer in this folder, over all threads and processes; what was renamed is on the disk at its end."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        # The new name itself is on the disk only after the folder was synced.
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed writers left. Only within `locked`: there, nobody else is half-way."""
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        left.unlink(missing_ok=True)


def replace_all(files: Mapping[Path, bytes]) -> None:
    """Replace files of one folder in the order given, all of them written before the first is put in place.

    They share one time of change, in a later second than those they replace: servers tell versions by that second.
    """
    with ExitStack() as stack:
        drafts = {target: stack.enter_context(_draft(target.parent, body)) for target, body in files.items()}
        moment = _moment(drafts)
        for draft in drafts.values():
            _settle(draft, moment)
        for target, draft in drafts.items():
            draft.replace(target)


@contextmanager
def _draft(folder: Path, body: bytes) -> Iterator[Path]:
    # In the same folder, as a rename is atomic only within one disk; with a dot, so that no server shows it.
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=_PREFIX, suffix=_SUFFIX)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _moment(drafts: Mapping[Path, Path]) -> int:
    """Nanoseconds since 1970, by the clock of the disk."""
    written = max(draft.stat().st_mtime_ns for draft in drafts.values())
    before = max((target.stat().st_mtime_ns for target in drafts if target.exists()), default=0)
    return max(written, (before // _SECOND + 1) * _SECOND)


def _settle(draft: Path, moment: int) -> None:
    descriptor = os.open(draft, os.O_RDWR)
    try:
        os.fchmod(descriptor, _MODE)
        os.utime(descriptor, ns=(moment, moment))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
