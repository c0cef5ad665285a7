"""A letter compiled once for all its readers: finished bytes with gaps, so that joining it for one of them is cheap.

Both parts are quoted-printable (RFC 2045, 6.7). A gap stands alone between two soft line breaks; what surrounds it is
therefore encoded once and never looked at again.
"""

import hashlib
import html as html_escapes
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from db.errors import BadValue
from mail.headers import one_line, unstructured

GAPS: Final = ("name", "unsubscribe_url", "preferences_url", "view_url", "action_url")
_GAP: Final = re.compile("\ue000(" + "|".join(GAPS) + ")\ue001")
_FROM: Final = [b"F", b"r", b"o", b"m", b" "]
_FORMAT: Final = 1
_WIDTH: Final = 75  # and one for the "=" of a soft break
_SOFT_BREAK: Final = b"=\r\n"
_BLANKS_BESIDE: Final = re.compile(rb" {2,}")
_MARKUP: Final = re.compile("[&<>\"']")
_WORD: Final = re.compile("[!-<>-~]+")
_AS_IS: Final = frozenset(range(33, 127)) - {ord("=")} | {ord(" ")}
_PART_HEADERS: Final = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
_QUOTED: Final = tuple(b"%c" % byte if byte in _AS_IS else b"=%02X" % byte for byte in range(256))


def gap(name: str) -> str:
    """The mark that a template prints where a reader's own value will stand; it passes escaping and CSS unchanged."""
    if name not in GAPS:
        raise ValueError(f"no gap {name!r}; there are {', '.join(GAPS)}")
    return f"\ue000{name}\ue001"


def without_gaps(text: str) -> str:
    """Text from outside, unable to pose as a gap."""
    return text.replace("\ue000", "").replace("\ue001", "")


@dataclass(frozen=True)
class Skeleton:
    """One variant of a letter: finished bytes in turn with gaps; a gap is its name and whether HTML surrounds it.

    `blanks_single` says that no body made from it has a blank that relaxed DKIM would change (RFC 6376, 3.4.4); what an
    earlier version stored does not promise it.
    """

    subject: str
    content_headers: bytes
    segments: tuple[bytes, ...]
    gaps: tuple[tuple[str, bool], ...]
    blanks_single: bool = False

    def to_bytes(self) -> bytes:
        """For a row of the store; `from_bytes` gives an equal skeleton."""
        fields = {
            "format": _FORMAT,
            "subject": self.subject,
            "content_headers": self.content_headers.decode("ascii"),
            "segments": [segment.decode("ascii") for segment in self.segments],
            "gaps": self.gaps,
            "blanks_single": self.blanks_single,
        }
        # A fifth of its length: where readers have many series, nearly every letter has a skeleton of its own.
        return zlib.compress(json.dumps(fields, separators=(",", ":")).encode("ascii"), level=1)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Skeleton":
        """What `to_bytes` stored; raises BadValue for a format that this program does not know."""
        fields = json.loads(stored if stored.startswith(b"{") else zlib.decompress(stored))
        if fields["format"] != _FORMAT:
            raise BadValue(f"a letter is stored in format {fields['format']}, this program reads {_FORMAT}: update it")
        return cls(
            subject=fields["subject"],
            content_headers=fields["content_headers"].encode("ascii"),
            segments=tuple(segment.encode("ascii") for segment in fields["segments"]),
            gaps=tuple((name, in_html) for name, in_html in fields["gaps"]),
            blanks_single=fields.get("blanks_single", False),
        )


def compile_skeleton(*, subject: str, text: str, html: str | None, boundary_seed: str) -> Skeleton:
    """The skeleton of a letter: multipart/alternative with the text first, or text alone when there is no HTML.

    Equal arguments give an equal skeleton. Raises BadValue when the text is blank.
    """
    if not text.strip():
        raise BadValue(f"the letter {one_line(subject)!r} has no plain text: give it some, many readers see no HTML")
    parts = _Parts()
    if html is None:
        parts.add(text, in_html=False)
        return parts.skeleton(subject, _PART_HEADERS % b"plain")
    # "=_" cannot occur in quoted-printable, so the boundary cannot either (RFC 2045, 6.7), whatever the gaps receive.
    boundary = b"=_" + hashlib.sha256(boundary_seed.encode("utf-8", "replace")).hexdigest()[:40].encode("ascii")
    parts.raw(b"--" + boundary + b"\r\n" + _PART_HEADERS % b"plain" + b"\r\n\r\n")
    parts.add(text, in_html=False)
    parts.raw(b"\r\n--" + boundary + b"\r\n" + _PART_HEADERS % b"html" + b"\r\n\r\n")
    parts.add(html, in_html=True)
    parts.raw(b"\r\n--" + boundary + b"--\r\n")
    return parts.skeleton(subject, b'Content-Type: multipart/alternative;\r\n boundary="' + boundary + b'"')


def fill(skeleton: Skeleton, *, headers: Sequence[bytes], values: Mapping[str, str]) -> bytes:
    """The whole message (RFC 5322) with CRLF, the same bytes for the same arguments.

    `headers` are whole lines without their last CRLF; Subject and the MIME headers follow them. A value is put on one
    line and escaped for where it stands; a gap without its value raises KeyError.
    """
    subject = _GAP.sub(lambda mark: one_line(values[mark[1]]), skeleton.subject)
    pieces = [b"\r\n".join((*headers, unstructured("Subject", subject), skeleton.content_headers, b"", b""))]
    ready: dict[str, bytes] = {}
    for segment, (name, in_html) in zip(skeleton.segments, skeleton.gaps, strict=False):
        text = one_line(values[name])
        if in_html and _MARKUP.search(text):
            text = html_escapes.escape(text)
        if text not in ready:  # many gaps have the same words: a link stands in both parts
            ready[text] = _value(text)
        pieces += (segment, ready[text])
    pieces.append(skeleton.segments[-1])
    return b"".join(pieces)


class _Parts:
    """Collects segments and gaps in order; there is always one segment more than gaps."""

    def __init__(self) -> None:
        self._segments: list[bytes] = [b""]
        self._gaps: list[tuple[str, bool]] = []

    def raw(self, encoded: bytes) -> None:
        self._segments[-1] += encoded

    def add(self, content: str, *, in_html: bool) -> None:
        """A part's content, encoded; line breaks of any kind become CRLF, and the last line is ended."""
        content = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
        literals = _GAP.split(content)
        for literal, name in zip(literals[0::2], literals[1::2], strict=False):
            self.raw(_broken_off(_quoted_printable(literal)))
            self._gaps.append((name, in_html))
            self._segments.append(b"")
        self.raw(_quoted_printable(literals[-1]))

    def skeleton(self, subject: str, content_type: bytes) -> Skeleton:
        return Skeleton(
            subject=subject.encode("utf-8", "replace").decode("utf-8"),
            content_headers=b"MIME-Version: 1.0\r\n" + content_type,
            segments=tuple(self._segments),
            gaps=tuple(self._gaps),
            blanks_single=True,
        )


def _value(text: str) -> bytes:
    if not _WORD.fullmatch(text) or "." in text[::_WIDTH]:
        return _broken_off(_quoted_printable(text))
    # Such as a link: it only needs to be cut, and no row of it begins with a dot.
    encoded = text.encode("ascii")
    rows = [encoded[begin : begin + _WIDTH] for begin in range(0, len(encoded), _WIDTH)]
    return _SOFT_BREAK.join((*rows, b""))


def _broken_off(encoded: bytes) -> bytes:
    """Encoded content whose next byte starts a line without being a new line of the content."""
    return encoded + _SOFT_BREAK if encoded and not encoded.endswith(b"\r\n") else encoded


def _quoted_printable(content: str) -> bytes:
    lines = content.encode("utf-8", "replace").split(b"\n")
    return b"\r\n".join(_quoted_line(line) for line in lines)


@lru_cache(1024)
def _quoted_line(line: bytes) -> bytes:
    """One line in rows of at most 76: no blank at its end or beside another, no row that begins with a dot or `From `.

    A dot at the start would have to be doubled on the way to the relay (RFC 5321, 4.5.2), and some servers on the way
    change `From `. Kept, as letters with one post in common have its lines in common.
    """
    tokens = [_QUOTED[byte] for byte in line]
    for run in _BLANKS_BESIDE.finditer(line):
        for place in range(run.start() + 1, run.end(), 2):
            tokens[place] = b"=20"
    if line.endswith(b" "):
        tokens[-1] = b"=20"
    return _SOFT_BREAK.join(_rows(tokens))


def _rows(tokens: list[bytes]) -> Iterator[bytes]:
    start = 0
    while start < len(tokens):
        first = tokens[start]
        if first == b"." or tokens[start : start + 5] == _FROM:
            first = b"=%02X" % first[0]
        width, end = len(first), start + 1
        while end < len(tokens) and width + len(tokens[end]) <= _WIDTH:
            width += len(tokens[end])
            end += 1
        yield first + b"".join(tokens[start + 1 : end])
        start = end
