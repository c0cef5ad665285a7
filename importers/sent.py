"""Files that somebody sent, a folder or a ZIP, laid out in a folder of our own. What could do harm is refused.

Nothing of a name leads out of the folder, nothing is a link, and nothing unpacks to more than is allowed: sizes are
counted as the bytes come, whatever the archive says of them.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from db.said import say
from importers.findings import Findings, shown
from importers.values import Place

_CHUNK = 1 << 16
_LONGEST_NAME = 400
_DIRECTORY_LIMIT = 2_000_000
"""Bytes of an archive's table of contents, which is read whole before anything else is known."""


@dataclass(frozen=True)
class Limits:
    """How many files may be sent at once, and how many bytes they may have, unpacked."""

    files: int = 2_000
    bytes: int = 100_000_000


class SentFile(NamedTuple):
    """A file by the name that its sender gives it, and where its bytes are read."""

    name: str
    body: IO[bytes]


class _TooMuch(Exception):
    pass


def lay_out(files: Iterable[SentFile], folder: Path, *, limits: Limits, findings: Findings) -> None:
    """Write files into an empty folder, at the places that their names say, below the folder they all lie in."""
    placed = [(place, file) for file in files if (place := _placed(file.name, findings)) is not None]
    if len(placed) > limits.files:
        findings.add(Place(say("the folder"), None), _too_many(len(placed), limits))
    elif not findings.problems:
        places = _below_the_top([place for place, _ in placed])
        _refuse_doubles(places, findings)
        _write_all(zip(places, (file.body for _, file in placed), strict=True), folder, limits, findings)


def unpack(archive: IO[bytes], name: str, folder: Path, *, limits: Limits, findings: Findings) -> None:
    """Write the files of a ZIP into an empty folder, as `lay_out` does."""
    whole = Place(name, None)
    if trouble := _trouble(archive):
        findings.add(whole, trouble)
        return
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _check_entries(entries, whole, limits, findings)
            if not findings.problems:
                _unpack_all(opened, entries, folder, limits, findings)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        findings.add(whole, say("cannot be unpacked: %(error)s. Pack it again, as a plain ZIP.", error=f"{error}"))


def _unpack_all(
    opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, limits: Limits, findings: Findings
) -> None:
    placed = [(place, entry) for entry in entries if (place := _placed(entry.filename, findings)) is not None]
    places = _below_the_top([place for place, _ in placed])
    _refuse_doubles(places, findings)
    bodies = (opened.open(entry) for _, entry in placed)
    _write_all(zip(places, bodies, strict=True), folder, limits, findings)


def _check_entries(entries: list[zipfile.ZipInfo], whole: Place, limits: Limits, findings: Findings) -> None:
    if len(entries) > limits.files:
        findings.add(whole, _too_many(len(entries), limits))
        return
    for entry in entries:
        place = Place(_printable(entry.filename), None)
        mode = entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            findings.add(place, say("is a link, or no plain file; put the file itself into the archive."))
        elif entry.flag_bits & 0x1:
            findings.add(place, say("has a password; pack it without one."))
    if sum(entry.file_size for entry in entries) > limits.bytes:
        findings.add(whole, _too_big(limits))


def _trouble(archive: IO[bytes]) -> str | None:
    """What keeps an archive from being looked into, told by its last bytes alone."""
    size = archive.seek(0, 2)
    archive.seek(max(0, size - 65_557))
    tail = archive.read()
    at = tail.rfind(b"PK\x05\x06")
    archive.seek(0)
    if at < 0 or len(tail) < at + 22:
        return say("is no ZIP, or is cut off.")
    if b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        return say("is a ZIP64, which only very big archives need; send less at once.")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > _DIRECTORY_LIMIT:
        return say("has far too many files; send fewer at once, or use `fascicle import`.")
    return None


def _placed(name: str, findings: Findings) -> PurePosixPath | None:
    """Where a file goes; None for what is left alone, and after a problem was noted.

    Hidden files and the leavings of macOS are left alone.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or drive or ".." in path.parts or not path.parts or not name.isprintable():
        words = say("has a name that leads out of its folder, or is no name of a file.")
        findings.add(Place(_printable(name), None), words)
        return None
    if len(name) > _LONGEST_NAME:
        words = say("has a name of more than %(most)s characters; shorten it.", most=_LONGEST_NAME)
        findings.add(Place(_printable(name), None), words)
        return None
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return None if hidden else path


def _below_the_top(places: list[PurePosixPath]) -> list[PurePosixPath]:
    """Paths without the folder that all of them begin with: what somebody chose, or packed."""
    tops = {place.parts[0] for place in places}
    if len(tops) == 1 and all(len(place.parts) > 1 for place in places):
        return [PurePosixPath(*place.parts[1:]) for place in places]
    return places


def _refuse_doubles(places: list[PurePosixPath], findings: Findings) -> None:
    seen: set[str] = set()
    for place in places:
        key = str(place).casefold()
        if key in seen:
            words = say("is there twice; names that differ only in their case count as one.")
            findings.add(Place(str(place), None), words)
        seen.add(key)


def _write_all(
    files: Iterable[tuple[PurePosixPath, IO[bytes]]], folder: Path, limits: Limits, findings: Findings
) -> None:
    if findings.problems:
        return
    left = limits.bytes
    for place, body in files:
        try:
            with body:
                left -= _write(folder / place, body, most=left)
        except _TooMuch:
            findings.add(Place(str(place), None), _too_big(limits))
            return
        except (FileExistsError, NotADirectoryError):
            findings.add(Place(str(place), None), say("lies in a folder that has the name of another file."))
            return


def _write(path: Path, body: IO[bytes], *, most: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("xb") as file:
        for chunk in _chunks(body):
            written += len(chunk)
            if written > most:
                raise _TooMuch
            file.write(chunk)
    return written


def _chunks(body: IO[bytes]) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK):
        yield chunk


def _too_many(count: int, limits: Limits) -> str:
    values = {"count": f"{count:,}", "most": f"{limits.files:,}"}
    return say("has %(count)s files; %(most)s may come at once. Send fewer, or use `fascicle import`.", **values)


def _too_big(limits: Limits) -> str:
    most = limits.bytes // 1_000_000
    return say("more than %(most)s MB unpacked; send less at once, or use `fascicle import`.", most=most)


def _printable(name: str) -> str:
    """A name of a file as a message may show it."""
    return shown(name if name.isprintable() else ascii(name))
