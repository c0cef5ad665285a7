"""Reading messages of strangers: whatever the bytes are, in little time and memory.

Of a message that is too long the beginning is read; one that is built to be expensive is refused.
"""

import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from db.errors import FascicleError

MOST_BYTES: Final = 1 << 20
"""What is read of a message. A report has its say at its front; what it returns of the letter comes last."""
_MOST_HEAD: Final = 64 << 10
_MOST_PARTS: Final = 100
_DEEPEST: Final = 8
_LONGEST_BOUNDARY: Final = 200
_LONGEST_TYPE: Final = 2_000

_BLANK_LINE: Final = re.compile(rb"^\n|\n\n")
_FIELD: Final = re.compile(r"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.DOTALL)


class MessageRefused(FascicleError):
    """A message that would cost more to read than any honest one does."""


@dataclass(frozen=True)
class Fields:
    """The fields of a head in their order, names in lower case, values unfolded."""

    all: tuple[tuple[str, str], ...] = ()

    def every(self, name: str) -> list[str]:
        return [value for held, value in self.all if held == name]

    def first(self, name: str) -> str:
        """The first value under this name, "" where there is none."""
        return next((value for held, value in self.all if held == name), "")


@dataclass(frozen=True)
class Part:
    """A message, or a part of one. `kind` is its content type in lower case; a multipart has parts, no body."""

    head: Fields
    kind: str
    parameters: dict[str, str]
    body: bytes
    parts: tuple["Part", ...] = ()

    def walk(self) -> Iterator["Part"]:
        """This part and all below it; never into a message that is enclosed, whose words are somebody else's."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def find(self, *kinds: str) -> "Part | None":
        return next((part for part in self.walk() if part.kind in kinds), None)

    def decoded(self) -> bytes:
        """The body without its transfer encoding; as it stands where that is broken."""
        encoding = self.head.first("content-transfer-encoding").casefold().strip()
        try:
            if encoding == "base64":
                return binascii.a2b_base64(self.body)
            return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body
        except (binascii.Error, ValueError):
            return self.body

    def text(self) -> str:
        """The decoded body as text with bare line feeds; what is not UTF-8 is replaced."""
        return self.decoded().decode("utf-8", "replace").replace("\r\n", "\n")


@dataclass
class _Budget:
    parts: int = field(default=_MOST_PARTS)

    def spend(self) -> None:
        self.parts -= 1
        if self.parts < 0:
            raise MessageRefused(f"not read: more than {_MOST_PARTS} parts")


def read_some(file: BinaryIO) -> bytes:
    """As much of a file as is ever read of a message."""
    return file.read(MOST_BYTES)


def read_message(data: bytes) -> Part:
    """The message with its parts. Raises MessageRefused, and nothing else whatever the bytes."""
    return _read(data[:MOST_BYTES].replace(b"\r\n", b"\n"), _Budget(), depth=0)


def read_fields(block: bytes) -> Fields:
    """The fields of a block of lines; lines that are none are passed over. Raises MessageRefused for a huge one."""
    if len(block) > _MOST_HEAD:
        raise MessageRefused(f"not read: a head of more than {_MOST_HEAD >> 10} KB")
    text = block.decode("utf-8", "replace").replace("\r\n", "\n")
    found = (_FIELD.fullmatch(line) for line in re.sub(r"\n[ \t]+", " ", text).split("\n"))
    return Fields(tuple((match[1].lower(), match[2].strip()) for match in found if match))


def groups_of(text: bytes, *, most: int) -> Iterator[Fields]:
    """The groups of fields that blank lines divide, as a delivery status has them (RFC 3464, 2.1)."""
    rest = re.sub(rb"\n[ \t]+\n", b"\n\n", text.replace(b"\r\n", b"\n")).strip(b"\n")
    for _ in range(most):
        block, _, rest = rest.partition(b"\n\n")
        if fields := read_fields(block).all:
            yield Fields(fields)
        rest = rest.lstrip(b"\n")
        if not rest:
            return


def head_of(message: bytes) -> Fields:
    """The head of an enclosed message."""
    return read_fields(_split(message.replace(b"\r\n", b"\n"))[0])


def _read(data: bytes, budget: _Budget, *, depth: int) -> Part:
    budget.spend()
    block, body = _split(data)
    head = read_fields(block)
    kind, parameters = _content_type(head.first("content-type"))
    boundary = parameters.get("boundary", "")
    if not kind.startswith("multipart/") or not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        return Part(head, kind, parameters, body)
    if depth == _DEEPEST:
        raise MessageRefused(f"not read: parts within parts, more than {_DEEPEST} deep")
    parts = [_read(piece, budget, depth=depth + 1) for piece in _pieces(body, boundary.encode(), most=budget.parts)]
    return Part(head, kind, parameters, b"", tuple(parts))


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Head and body."""
    found = _BLANK_LINE.search(data, 0, _MOST_HEAD + 2)
    if found is None and len(data) > _MOST_HEAD:
        raise MessageRefused(f"not read: a head of more than {_MOST_HEAD >> 10} KB")
    return (data, b"") if found is None else (data[: found.start()], data[found.end() :])


def _content_type(value: str) -> tuple[str, dict[str, str]]:
    value = value[:_LONGEST_TYPE]
    kind = value.partition(";")[0].strip().casefold() or "text/plain"
    return kind, {
        name.casefold(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(value)
    }


def _pieces(body: bytes, boundary: bytes, *, most: int) -> Sequence[bytes]:
    """What lies between the delimiters (RFC 2046, 5.1.1); of a message that was cut, the last piece has no end."""
    delimiter = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$", re.MULTILINE)
    pieces: list[bytes] = []
    begins: int | None = None
    for found in delimiter.finditer(body):
        if begins is not None:
            pieces.append(body[begins : max(begins, found.start() - 1)])
        if found[1] or len(pieces) > most:
            return pieces
        begins = found.end() + 1
    return pieces if begins is None else [*pieces, body[begins:]]
