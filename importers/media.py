"""The body of a post with the images it shows and the recordings and books it links to, loaded from beside it."""

import contextlib
import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from db.said import say
from importers.files import ENCLOSURE_LIMIT, IMAGE_LIMIT, inside, is_file, read_limited
from importers.findings import Findings
from importers.values import MediaSource, Place

CONTENT_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
ENCLOSED_TYPES = {
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".webm": "video/webm",
}
"""A link to such a file beside the text takes the file in; feeds enclose it."""
# With a scheme, a host or a root of its own an address is not a file beside the text.
_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/#?]")


_IMAGE, _FILE = say("the image"), say("the file")
"""What an operator calls them."""


@dataclass(frozen=True)
class Written:
    """What a post says: its Markdown and the files that go with it."""

    body: str = ""
    media: tuple[MediaSource, ...] = ()


@dataclass(frozen=True)
class Home:
    """Where a body stands: its file, the folder none of its images may leave, and the lines before the body."""

    path: Path
    root: Path
    file: str
    lines_before: int = 0


def read_written(body: str, home: Home, *, findings: Findings) -> Written:
    """The body with its files; each that is missing, too big, of no known kind or elsewhere is noted by line."""
    media: dict[str, MediaSource | None] = {}
    for address, noun, line in _addresses(body):
        if address not in media:
            place = Place(home.file, home.lines_before + line)
            media[address] = _load(address, noun, home, place=place, findings=findings)
    return Written(body, tuple(found for found in media.values() if found))


def shown_of(body: str, known: Collection[str], *, file: str, findings: Findings) -> frozenset[str]:
    """Those of the known files that a body shows or links to; each file that is not known is noted, by line."""
    found = set[str]()
    missing = set[str]()
    for address, noun, line in _addresses(body):
        spellings = (address, unquote(address), posixpath.normpath(unquote(address)))
        path = next((spelling for spelling in spellings if spelling in known), None)
        if path is not None:
            found.add(path)
        elif address not in missing:
            missing.add(address)
            findings.add(
                Place(file, line),
                say("%(noun)s `%(address)s` is not there; upload it, or mend its name.", noun=noun, address=address),
            )
    return frozenset(found)


def _load(address: str, noun: str, home: Home, *, place: Place, findings: Findings) -> MediaSource | None:
    path, named = home.path.parent / _file_of(address), {"noun": noun, "address": address}
    kinds = CONTENT_TYPES if noun == _IMAGE else ENCLOSED_TYPES
    kind = kinds.get(path.suffix.lower())
    if not inside(home.root, path):
        findings.add(place, say("%(noun)s `%(address)s` lies outside the folder that is imported.", **named))
    elif kind is None:
        findings.add(place, say("%(noun)s `%(address)s` is none of %(kinds)s.", **named, kinds=list(kinds)))
    elif not is_file(path):
        findings.add(
            place, say("%(noun)s `%(address)s` is not there; its path is read from the folder of its text.", **named)
        )
    else:
        limit = IMAGE_LIMIT if noun == _IMAGE else ENCLOSURE_LIMIT
        found = read_limited(path, place, limit=limit, findings=findings)
        return None if found is None else MediaSource(path=address, body=found, content_type=kind)
    return None


def _file_of(address: str) -> str:
    return unquote(re.split("[?#]", address)[0])


def _addresses(body: str) -> Iterator[tuple[str, str, int]]:
    """The relative addresses of files, what each is, and the line of the body it stands on; code is not looked into."""
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]  # as written, not encoded
    lines = body.split("\n")
    for token in markdown.parse(body):
        begin, end = token.map or (0, 0)
        for address, noun in _of_block(token):
            if address and not _ELSEWHERE.match(address):
                hits = (number for number in range(begin, min(end, len(lines))) if address in lines[number])
                yield address, noun, next(hits, begin) + 1


def _of_block(token: Token) -> Iterator[tuple[str, str]]:
    for part in (token, *(token.children or ())):
        if part.type == "image":
            yield str(part.attrs["src"]), _IMAGE
        elif part.type == "link_open" and _is_enclosed(str(part.attrs["href"])):
            yield str(part.attrs["href"]), _FILE
        elif part.type in {"html_block", "html_inline"}:
            yield from ((address, _IMAGE) for address in _of_html(part.content))


def _is_enclosed(address: str) -> bool:
    return PurePosixPath(_file_of(address)).suffix.lower() in ENCLOSED_TYPES


def _of_html(html: str) -> list[str]:
    parser = _Sources()
    with contextlib.suppress(AssertionError):  # raised by the parser on a malformed `<![`; the rest is not read
        parser.feed(html)
    return parser.found


class _Sources(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value.strip() for name, value in attrs if tag == "img" and name == "src" and value]
