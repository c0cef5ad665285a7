"""What a failed delivery says of the address it was for: a rule over the codes of the server that refused it."""

import re
from enum import StrEnum
from typing import Final

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"\s*([245]\d\d)(?:[ -]|$)")
_STORAGE: Final = 552
# The sender's address is at fault, not the reader's (RFC 3463, 3.2).
_SENDER_AT_FAULT: Final = ("5.1.7", "5.1.8")
# The letter is too big for the mailbox or for the system (RFC 3463, 3.3 and 3.4).
_TOO_BIG: Final = ("5.2.3", "5.3.4")
_MAILBOX_FULL: Final = "5.2.2"


class Says(StrEnum):
    """What one message that came in says of a letter.

    `hard`: the address is no good. `soft`: it may be another day. `refused`: the letter or its sender was not wanted,
    which says nothing of the address. `leave` asks for an end to letters.
    """

    hard = "hard"
    soft = "soft"
    refused = "refused"
    complaint = "complaint"
    delayed = "delayed"
    delivered = "delivered"
    auto_reply = "auto_reply"
    unknown = "unknown"
    leave = "leave"


def status_in(text: str) -> str | None:
    """The first enhanced status code in a text, as `5.1.1` (RFC 3463)."""
    found = _STATUS.search(text)
    return found[0] if found else None


def grade(status: str | None, words: str) -> Says:
    """What a failure means: by its status, and where that says nothing by the refusing server's own words."""
    if status is None or status.endswith(".0.0"):
        status = status_in(words) or _by_reply(words)
    if not status.startswith("5."):
        return Says.soft  # tried for days, and given up
    kind = status.split(".")[1]
    if status in _SENDER_AT_FAULT or status in _TOO_BIG or kind in ("5", "6", "7"):
        return Says.refused
    if kind == "1" or (kind == "2" and status != _MAILBOX_FULL):
        return Says.hard
    # Networks and systems are mended, and a 5.0.0 says nothing at all: five editions in a row will tell.
    return Says.soft


def _by_reply(words: str) -> str:
    """The status that a bare reply code stands for, as relays give one to RCPT (RFC 5321, 4.2.3)."""
    found = _REPLY.match(words)
    code = int(found[1]) if found else 0
    if code in (550, 551, 553):
        return "5.1.0"
    return "5.7.0" if code == 554 else "5.0.0"
