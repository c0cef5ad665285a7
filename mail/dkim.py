"""DKIM signatures (RFC 6376) in relaxed/relaxed form: the same bytes for the same message, keys and instant.

The whole body is signed (there is no `l=`), and more headers are named in `h=` than stand there, so that none can be
added unseen.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mail.dkim_keys import Key

OVERSIGNED = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
"""Signed once more than they stand there: one that is added breaks the signature (RFC 6376, 8.15)."""

SIGNED = (*OVERSIGNED, "Auto-Submitted", "Feedback-ID")

_CRLF = b"\r\n"
_WIDTH = 78  # of a line of the signature, RFC 5322, 2.1.1
_SPELLED = tuple((name.lower().encode("ascii"), name in OVERSIGNED) for name in SIGNED)


@dataclass(frozen=True)
class Signer:
    """Signs letters with every key that is in use at their instant."""

    keys: tuple[Key, ...]

    def sign(self, message: bytes, *, at: dt.datetime, blanks_single: bool = False) -> bytes:
        """The message with one DKIM-Signature a key before its headers; `at`, an aware instant, becomes `t=`.

        Lines of the message must end in CRLF; with `blanks_single` the caller vouches that its body has no blanks that
        `single_blanks` would change. With no key in use at that instant, the message comes back as it is.
        """
        keys = [key for key in self.keys if key.in_use(at)]
        if not keys:
            return message
        head, _, body = message.partition(_CRLF + _CRLF)
        names, signed = signed_headers(head)
        plain = without_empty_end(body if blanks_single else single_blanks(body))
        body_hash = base64.b64encode(hashlib.sha256(plain).digest())
        return b"".join((*(_signature(key, names, signed, body_hash, at) for key in keys), message))


def signed_headers(head: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Of a message's header block: the names for `h=`, and the lines that are signed, in that order, relaxed.

    Several of one name are taken from the bottom up (RFC 6376, 5.4.2).
    """
    there: dict[bytes, list[bytes]] = {}
    for line in relaxed_headers(head):
        there.setdefault(line[: line.index(b":")], []).append(line)
    names: list[bytes] = []
    lines: list[bytes] = []
    for name, once_more in _SPELLED:
        found = there.get(name, [])
        names += [name] * (len(found) + once_more)
        lines += reversed(found)
    return tuple(names), b"".join(lines)


def relaxed_headers(head: bytes) -> Iterator[bytes]:
    """Each header unfolded, its name in lower case, and with its CRLF (RFC 6376, 3.4.2)."""
    unfolded = head.replace(b"\t", b" ").replace(b"\r\n ", b" ")
    for line in _collapsed(unfolded).split(_CRLF):
        name, _, value = line.partition(b":")
        yield name.strip(b" ").lower() + b":" + value.strip(b" ") + _CRLF


def relaxed_body(body: bytes) -> bytes:
    """The body as it is hashed (RFC 6376, 3.4.4)."""
    return without_empty_end(single_blanks(body))


def single_blanks(body: bytes) -> bytes:
    """Runs of blanks as one space and none at the ends of lines; copies nothing where there is nothing to do."""
    if not body.endswith(_CRLF):
        body += _CRLF
    return _collapsed(body.replace(b"\t", b" ")).replace(b" \r\n", _CRLF)


def without_empty_end(body: bytes) -> bytes:
    """The body without empty lines at its end."""
    end = len(body)
    while body.endswith(_CRLF, 0, end):
        end -= len(_CRLF)
    return body[: end + len(_CRLF)] if end else b""


def _collapsed(text: bytes) -> bytes:
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def _signature(key: Key, names: tuple[bytes, ...], signed: bytes, body_hash: bytes, at: dt.datetime) -> bytes:
    """The header with its CRLF. What is signed ends with the header itself, its `b=` empty, without CRLF (3.7)."""
    stated = _stated(key.algorithm, key.domain, key.selector, names)
    head = stated + b"\r\n t=%d;\r\n bh=%b;\r\n b=" % (int(at.timestamp()), body_hash)
    [itself] = relaxed_headers(head)
    made = base64.b64encode(key.sign(signed + itself.removesuffix(_CRLF)))
    return head + _folded(made, first=_WIDTH - len(" b=")) + _CRLF


@lru_cache(maxsize=64)
def _stated(algorithm: str, domain: str, selector: str, names: tuple[bytes, ...]) -> bytes:
    """The beginning of a signature, the same for all letters with the same headers."""
    tags = (f"v=1; a={algorithm}; c=relaxed/relaxed;", f"d={domain};", f"s={selector};")
    lines = [b"DKIM-Signature:", *(b" " + tag.encode("ascii") for tag in tags)]
    return _CRLF.join((lines[0] + lines[1], *lines[2:], *_listed(names)))


def _listed(names: Sequence[bytes]) -> Iterator[bytes]:
    """`h=` in lines that break after a colon."""
    line = b" h=" + names[0]
    for name in names[1:]:
        if len(line) + len(name) + 2 > _WIDTH:
            yield line + b":"
            line = b" " + name
        else:
            line += b":" + name
    yield line + b";"


def _folded(value: bytes, *, first: int) -> bytes:
    rest = range(first, len(value), _WIDTH - 1)
    return b"\r\n ".join((value[:first], *(value[start : start + _WIDTH - 1] for start in rest)))
