"""Complaints (RFC 5965): a reader pressed "this is spam", and their provider says so."""

from dataclasses import dataclass
from typing import Final

from mail.dsn import LONGEST_WORDS
from mail.failures import Says
from mail.headers import one_line
from mail.mime import Part, groups_of

_COMPLAINTS: Final = ("abuse", "fraud", "opt-out", "opt-out-list")
"""The others are no reader's wish: not-spam says the contrary, auth-failure (RFC 6591) is about our DNS."""


@dataclass(frozen=True)
class Feedback:
    """What a provider says; `return_paths` are those it names for the letter."""

    says: Says
    reporter: str
    words: str
    return_paths: tuple[str, ...]


def read_arf(message: Part) -> Feedback | None:
    """The feedback report in a message; None where there is none."""
    part = message.find("message/feedback-report")
    fields = next(groups_of(part.decoded(), most=1), None) if part else None
    if fields is None:
        return None
    kind = fields.first("feedback-type").casefold()
    return Feedback(
        Says.complaint if kind in _COMPLAINTS else Says.unknown,
        fields.first("user-agent"),
        one_line(f"feedback type {kind}")[:LONGEST_WORDS],
        tuple(fields.every("original-mail-from")),
    )
