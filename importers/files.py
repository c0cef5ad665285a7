"""Files as text or bytes, refused when they are missing, too big, or not what they should be."""

import re
from pathlib import Path

from db.said import say
from importers.findings import Findings
from importers.values import Place

TEXT_LIMIT = 5_000_000
IMAGE_LIMIT = 20_000_000
ENCLOSURE_LIMIT = 100_000_000

# Neither XML nor PostgreSQL can carry these, so a feed holding one would be broken for every reader.
_UNCARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def read_text(path: Path, place: Place, *, findings: Findings) -> str | None:
    """The file's text without byte order mark; None after a problem was noted."""
    body = read_limited(path, place, limit=TEXT_LIMIT, findings=findings)
    if body is None:
        return None
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        findings.add(
            _at(place, before.count(b"\n")), say("is not valid UTF-8; save the file as UTF-8 and import again.")
        )
        return None
    return text if carried(text, place, findings=findings) else None


def read_limited(path: Path, place: Place, *, limit: int, findings: Findings) -> bytes | None:
    """The file's bytes; None after a problem was noted. The size is looked at before anything is read."""
    try:
        if not path.is_file():
            findings.add(place, say("there is no such file."))
            return None
        size = path.stat().st_size
        if size <= limit:
            return path.read_bytes()
    except OSError as error:
        findings.add(place, say("%(file)s cannot be read: %(why)s.", file=path.name, why=error.strerror))
        return None
    # A place with a line is where another file names this one.
    values = {"size": f"{size:,}", "limit": f"{limit:,}", "most": limit // 1_000_000}
    if place.line is None:
        findings.add(place, say("has %(size)s bytes; the limit is %(limit)s (%(most)s MB).", **values))
    else:
        words = say("%(file)s has %(size)s bytes; the limit is %(limit)s (%(most)s MB).", file=path.name, **values)
        findings.add(place, words)
    return None


def is_file(path: Path) -> bool:
    """Whether the file is there; a path that no file system could hold is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def inside(root: Path, path: Path) -> bool:
    """Whether the path, links followed, lies in the folder; a path that no file system could hold does not."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: a circle of links
        return False


def uncarried(text: str) -> str | None:
    """The first character that feeds and letters cannot carry, as `U+0000`; None when all can be."""
    found = _UNCARRIED.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def carried(text: str, place: Place, *, findings: Findings) -> bool:
    """Whether feeds and letters can carry all of a text; the line of what they cannot is noted."""
    found = _UNCARRIED.search(text)
    if found:
        where = _at(place, text.count("\n", 0, found.start()))
        sign = uncarried(found.group())
        findings.add(where, say("holds %(sign)s, a character that no feed can carry; remove it.", sign=sign))
    return not found


def _at(place: Place, lines_before: int) -> Place:
    return Place(place.file, lines_before + 1)
