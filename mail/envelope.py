"""What goes over the line with a letter: its envelope, and the message as the line wants it."""

from functools import lru_cache

import aiosmtplib

from mail.line import Stuffed
from mail.replies import Outcome, OutcomeKind


@lru_cache(maxsize=256)  # asked once when a letter is announced, and again when its turn comes
def envelope_of(return_path: str, to: str) -> tuple[bytes, ...]:
    """The commands before a message; both addresses are checked. To one beyond ASCII it is SMTPUTF8 (RFC 6531, 3.4)."""
    wide = "" if to.isascii() else " SMTPUTF8"
    return f"MAIL FROM:<{return_path}>{wide}".encode("ascii"), f"RCPT TO:<{to}>".encode(), b"DATA"


def stuffed(message: bytes) -> bytes:
    """The message as it goes over the line before its dot (RFC 5321, 4.5.2); a bare CR or LF never does."""
    if isinstance(message, Stuffed):
        return message
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").replace(b"\n.", b"\n..")
    start = b"." if lines.startswith(b".") else b""
    return start + lines.replace(b"\n", b"\r\n") + b"\r\n"


def room_of(client: aiosmtplib.SMTP) -> int | None:
    """The bytes that the relay says it takes at most (RFC 1870, 4); None where it does not say, or none that counts."""
    stated = client.esmtp_extensions.get("size", "")
    return int(stated) or None if stated.isascii() and stated.isdigit() else None


def needs_smtputf8(to: str) -> Outcome:
    """A failure of our own (RFC 6531, 3.1): such a letter must not go to a relay that would not know what to do."""
    words = f"5.6.7 the part before @ of {to} needs SMTPUTF8, which the relay does not offer"
    return Outcome(OutcomeKind.hard, None, words)


def too_big(size: int, room: int) -> Outcome:
    """An error of the content (RFC 3463, 3.4): neither the address nor the relay is at fault."""
    return Outcome(OutcomeKind.hard, None, f"5.3.4 the letter has {size} bytes, and the relay takes {room} at most")
