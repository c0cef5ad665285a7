"""The body of a post with the images it shows, loaded from the files beside it."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from importers.files import IMAGE_LIMIT, inside, is_file, read_limited
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
# With a scheme, a host or a root of its own an address is not a file beside the text.
_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/#?]")


@dataclass(frozen=True)
class Written:
    """What a post says: its Markdown and the images that go with it."""

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
    """The body with its images; each that is missing, too big, of no known kind or elsewhere is noted by line."""
    media: dict[str, MediaSource | None] = {}
    for address, line in _addresses(body):
        if address not in media:
            place = Place(home.file, home.lines_before + line)
            media[address] = _load(address, home, place=place, findings=findings)
    return Written(body, tuple(found for found in media.values() if found))


def _load(address: str, home: Home, *, place: Place, findings: Findings) -> MediaSource | None:
    path = home.path.parent / unquote(re.split("[?#]", address)[0])
    kind = CONTENT_TYPES.get(path.suffix.lower())
    if not inside(home.root, path):
        findings.add(place, f"the image `{address}` lies outside the folder that is imported.")
    elif kind is None:
        findings.add(place, f"the image `{address}` is none of {', '.join(CONTENT_TYPES)}.")
    elif not is_file(path):
        findings.add(place, f"the image `{address}` is not there; its path is read from the folder of its text.")
    else:
        found = read_limited(path, place, limit=IMAGE_LIMIT, findings=findings)
        return None if found is None else MediaSource(path=address, body=found, content_type=kind)
    return None


def _addresses(body: str) -> Iterator[tuple[str, int]]:
    """The relative addresses of images, with the line of the body each stands on; code is not looked into."""
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]  # as written, not encoded
    lines = body.split("\n")
    for token in markdown.parse(body):
        begin, end = token.map or (0, 0)
        for address in _of_block(token):
            if address and not _ELSEWHERE.match(address):
                hits = (number for number in range(begin, min(end, len(lines))) if address in lines[number])
                yield address, next(hits, begin) + 1


def _of_block(token: Token) -> Iterator[str]:
    for part in (token, *(token.children or ())):
        if part.type == "image":
            yield str(part.attrs["src"])
        elif part.type in {"html_block", "html_inline"}:
            yield from _of_html(part.content)


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
