"""Letters that ask for an end to letters: mail to the address that List-Unsubscribe names after its link (RFC 2369)."""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Final

from mail.bounce import RECIPIENT_FIELDS, is_automatic
from mail.mime import Part

_LONGEST: Final = 1_000
# The whole subject: an answer of a program quotes it behind words of its own.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Leave:
    """Somebody, or their mail program, asks to leave. `token` is not proved yet, "" where there is none.

    What is `automatic` answers something by itself, and nobody has asked for anything.
    """

    token: str
    automatic: bool


def read_leave(message: Part, recipient: str, address: str) -> Leave | None:
    """What a message to this address asks; None for one to another. `recipient` is that of its envelope, if known."""
    if not _is_for(message, recipient, address):
        return None
    subject = _decoded(message.head.first("subject")[:_LONGEST]).strip()
    token = subject if _TOKEN.fullmatch(subject) else ""
    nobodys = message.head.first("return-path").strip() == "<>"
    return Leave(token, nobodys or message.kind == "multipart/report" or is_automatic(message))


def _is_for(message: Part, recipient: str, address: str) -> bool:
    if recipient:
        return recipient.casefold() == address.casefold()
    fields = [value[:_LONGEST] for name in RECIPIENT_FIELDS for value in message.head.every(name)]
    return any(found.casefold() == address.casefold() for _, found in getaddresses(fields))


def _decoded(subject: str) -> str:
    try:
        return str(make_header(decode_header(subject)))
    except (HeaderParseError, LookupError, ValueError):
        return subject
