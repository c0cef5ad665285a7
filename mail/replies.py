"""What a relay's replies mean for a letter."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mail.headers import one_line

_LONGEST_REPLY: Final = 1_000
_ENHANCED: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
_STORAGE: Final = 552
# Of a mailbox: it is not to be had now, it has no room now (RFC 5321, 4.2.3).
_UNAVAILABLE: Final = 450
_CLOSING: Final = 421
_NO_ROOM: Final = 452
# Soft although permanent by their first digit: a mailbox that is full now, RFC 3463, 3.3.
_FULL: Final = ("5.2.2",)
_TOO_BIG: Final = ("5.2.3", "5.3.4")
# These two blame the sender's address, RFC 3463, 3.2.
_SENDER_AT_FAULT: Final = ("5.1.7", "5.1.8")
_SENDER_AT_FAULT_NOW: Final = ("4.1.7", "4.1.8")


class OutcomeKind(StrEnum):
    sent = "sent"
    soft = "soft"
    hard = "hard"
    in_doubt = "in_doubt"
    not_begun = "not_begun"


@dataclass(frozen=True)
class Outcome:
    """What became of one letter. `code` is None when no reply came; then `reply` says in our words what happened.

    `bad_address` is true when the relay says that the recipient's address itself is wrong.
    """

    kind: OutcomeKind
    code: int | None
    reply: str
    bad_address: bool = False

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code of the reply, as `5.1.1` (RFC 3463)."""
        return None if self.code is None else enhanced_code(self.code, self.reply)


class Stage(StrEnum):
    """The command a reply answers."""

    mail = "MAIL"
    rcpt = "RCPT"
    data = "DATA"
    dot = "the final dot"


def classify(code: int, reply: str, stage: Stage) -> Outcome:
    """What a reply that refuses means for the letter; a reply outside 4xx and 5xx is one nobody can read."""
    enhanced = enhanced_code(code, reply)
    if 400 <= code <= 499:
        return Outcome(OutcomeKind.soft, code, reply)
    if not 500 <= code <= 599:
        unreadable = OutcomeKind.in_doubt if stage is Stage.dot else OutcomeKind.soft
        return Outcome(unreadable, code, reply)
    # A 552 once meant "too many recipients", and old relays still mean it (RFC 5321, 4.5.3.1.10).
    if enhanced in _FULL or (code == _STORAGE and stage is not Stage.mail and enhanced not in _TOO_BIG):
        return Outcome(OutcomeKind.soft, code, reply)
    return Outcome(OutcomeKind.hard, code, reply, bad_address=_blames_recipient(code, enhanced, stage))


def enhanced_code(code: int, reply: str) -> str | None:
    """The enhanced status code a reply starts with (RFC 2034), None if it has none or one of another class."""
    found = _ENHANCED.match(reply)
    return found[0] if found and found[1] == str(code)[0] else None


def speaks_of_mailbox(code: int, reply: str) -> bool:
    """Whether a passing refusal is about the recipient's mailbox (RFC 3463, 3.2 and 3.3), not about relay or sender."""
    enhanced = enhanced_code(code, reply)
    if code == _CLOSING:
        return False
    if enhanced is None:
        return code in (_UNAVAILABLE, _NO_ROOM, _STORAGE)
    return enhanced in _FULL or (enhanced.startswith(("4.1.", "4.2.")) and enhanced not in _SENDER_AT_FAULT_NOW)


def tidy(reply: str) -> str:
    """A relay's words as one line that every store and page can hold."""
    return one_line(reply)[:_LONGEST_REPLY]


def _blames_recipient(code: int, enhanced: str | None, stage: Stage) -> bool:
    if stage is Stage.mail:
        return False
    if enhanced is None:
        return stage is Stage.rcpt and code in (550, 551, 553)
    return enhanced.startswith("5.1.") and enhanced not in _SENDER_AT_FAULT
