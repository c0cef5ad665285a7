"""Header lines that no value can break: no value adds a line, and none but a local part needs more than ASCII.

Lines come without their last CRLF; folds inside them are CRLF and a space.
"""

import base64
import datetime as dt
import email.utils
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import idna

from db.errors import BadValue

_SOFT = 78  # RFC 5322, 2.1.1
_ENCODED = 76  # a line that holds an encoded-word, RFC 2047, 2
_WORD = 75  # an encoded-word itself, RFC 2047, 2
_LONGEST_NAME = len("Reply-To: ")  # of the headers that carry a mailbox

# NBSP is left alone: in French it stands before a colon.
_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATEXT}(?: {_ATEXT})*")
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*|\"(?:[^\"\\\x00-\x1f\x7f-\U0010ffff]|\\[\x20-\x7e])*\"")
_WIDE_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
_WIDE_LOCAL = re.compile(rf"{_WIDE_ATEXT}(?:\.{_WIDE_ATEXT})*")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def one_line(text: str) -> str:
    """The text with every run of blanks and control characters, CR and LF too, as one space, and valid as UTF-8."""
    if text.isascii() and text.isprintable() and "  " not in text:  # as nearly all that comes along
        return text.strip(" ")
    return _BLANK.sub(" ", text).strip().encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=64)
def unstructured(name: str, text: str) -> bytes:
    """A whole header of free text, such as Subject (RFC 5322, 2.2.1), in lines of at most 78."""
    text = one_line(text)
    if not _plain(text):
        return f"{name}: ".encode("ascii") + _fold(_encoded_words(text, first=_ENCODED - len(name) - 2))
    lines = [f"{name}:"]
    for word in text.split(" "):
        if len(lines[-1]) + 1 + len(word) > _SOFT:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("ascii")


def phrase(name: str) -> bytes:
    """The name before an address (RFC 5322, 3.2.5): as atoms, else quoted, else in encoded-words (RFC 2047, 5.3)."""
    name = one_line(name)
    if not _plain(name) or len(name) > _SOFT - _LONGEST_NAME - 4:
        return _fold(_encoded_words(name, first=_ENCODED - _LONGEST_NAME))
    if _ATOMS.fullmatch(name):
        return name.encode("ascii")
    return b'"' + re.sub(r'(["\\])', r"\\\1", name).encode("ascii") + b'"'


def mailbox(name: str | None, address: str) -> bytes:
    """`name <address>`, or the address alone; its domain as A-labels. Raises BadValue as `smtp_address` does.

    Nothing but a local part is ever beyond ASCII, and that stands as UTF-8: it cannot be encoded (RFC 6532, 3.2).
    """
    spec = smtp_address(address)
    return named(name, spec) if name and one_line(name) else spec.encode("utf-8")


def named(name: str, spec: str) -> bytes:
    """`name <spec>`, folded before the bracket where one line would be too long; `spec` must be safe already."""
    before = phrase(name)
    used = len(before.rpartition(b"\n")[2]) + (0 if b"\n" in before else _LONGEST_NAME)
    between = b" <" if used + len(spec) + 3 <= _SOFT else b"\r\n <"
    return before + between + spec.encode("utf-8") + b">"


@lru_cache(maxsize=256)  # asked some times on the way of each letter
def ascii_address(address: str) -> str:
    """The address with its domain as A-labels (RFC 5891).

    Raises BadValue for what is no address, and for a local part beyond ASCII: ours and those of operators must work
    with every relay, without SMTPUTF8 (RFC 6531).
    """
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise BadValue(f"{address!r} is not an address we can write to: the part before @ must be ASCII without spaces")
    return f"{local}@{ascii_domain(domain)}"


def smtp_address(address: str) -> str:
    """The address as it goes over the line and into To: its domain as A-labels, its local part as it is.

    One beyond ASCII is for relays that offer SMTPUTF8 (RFC 6531, 3.3). Raises BadValue for what is no address at all.
    """
    local, at, domain = address.rpartition("@")
    if local.isascii():
        return ascii_address(address)
    if not at or not _WIDE_LOCAL.fullmatch(local) or not local.isprintable():
        raise BadValue(f"{address!r} is not an address we can write to: no blanks or control characters before @")
    return f"{unicodedata.normalize('NFC', local)}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """The domain as A-labels; raises BadValue when it is none."""
    try:
        encoded = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadValue(f"{domain!r} is not a domain: {error}") from error
    if not _DOMAIN.fullmatch(encoded):
        raise BadValue(f"{domain!r} is not a domain: use letters, digits, hyphens and dots")
    return encoded


@lru_cache(maxsize=64)
def date_header(instant: dt.datetime) -> bytes:
    """The whole Date header (RFC 5322, 3.3) in UTC, to the second; the instant must be aware."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a zone: {instant}")
    return b"Date: " + email.utils.format_datetime(instant.astimezone(dt.UTC)).encode("ascii")


def _plain(text: str) -> bool:
    """Whether text can stand as it is: ASCII, nothing that reads as an encoded-word, no word too long to fold at."""
    return text.isascii() and "=?" not in text and all(len(word) < _WORD - 10 for word in text.split(" "))


def _encoded_words(text: str, *, first: int) -> Iterator[bytes]:
    """The text as encoded-words, each of whole characters (RFC 2047, 5); `first` is the room for the first one."""
    chunk, room = b"", _payload(first)
    for character in text:
        encoded = character.encode("utf-8")
        if len(chunk) + len(encoded) > room:
            yield _encoded_word(chunk)
            chunk, room = b"", _payload(_WORD)
        chunk += encoded
    yield _encoded_word(chunk)


def _payload(width: int) -> int:
    """How many bytes an encoded-word of this width can carry in base64."""
    return (width - len("=?utf-8?b??=")) // 4 * 3


def _encoded_word(chunk: bytes) -> bytes:
    return b"=?utf-8?b?" + base64.b64encode(chunk) + b"?="


def _fold(words: Iterator[bytes]) -> bytes:
    return b"\r\n ".join(words)
