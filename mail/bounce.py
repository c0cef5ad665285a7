"""What a message that came back says, and for which letter. Nothing of it is proved yet, and none is answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from mail.arf import read_arf
from mail.dsn import Report, read_dsn
from mail.dsn_plain import read_plain
from mail.failures import Says
from mail.headers import one_line
from mail.mime import Part, head_of, read_message
from mail.verp import Tag, tag_in

_MOST_TAGS: Final = 5
_LONGEST_NAME: Final = 255
RECIPIENT_FIELDS: Final = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-delivered-to", "to")
"""Where it may stand whom a message was for, the surest first."""
_ENCLOSED: Final = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_WITHOUT_EFFECT: Final = (Says.delayed, Says.delivered, Says.auto_reply, Says.unknown)
_AUTOMATIC: Final = ("auto_reply", "auto-reply", "bulk", "junk")


@dataclass(frozen=True)
class Bounce:
    """`tags` are those of the return paths it names, the likeliest first; `reporter` is the server that speaks."""

    tags: tuple[Tag, ...]
    reports: tuple[Report, ...]
    reporter: str = ""

    @property
    def asks_for_nothing(self) -> bool:
        """Whether nothing would follow from it, whosever letter it is about."""
        return all(report.says in _WITHOUT_EFFECT for report in self.reports)


def read_bounce(data: bytes, recipient: str = "") -> Bounce:
    """Reads a message; `recipient` is whom it was for by its envelope, if that is known.

    Raises MessageRefused, and nothing else whatever the bytes.
    """
    return bounce_of(read_message(data), recipient)


def bounce_of(message: Part, recipient: str = "") -> Bounce:
    """What a message says that was read already. Raises MessageRefused."""
    if feedback := read_arf(message):
        tags = _tags(recipient, message, feedback.return_paths)
        report = Report(feedback.says, words=feedback.words)
        return Bounce(tags, (report,), one_line(feedback.reporter)[:_LONGEST_NAME])
    tags = _tags(recipient, message, ())
    if notice := read_dsn(message) or read_plain(message):
        return Bounce(tags, notice.reports, one_line(notice.reporter)[:_LONGEST_NAME])
    return Bounce(tags, (Report(Says.auto_reply if is_automatic(message) else Says.unknown),))


def _tags(recipient: str, message: Part, named: Sequence[str]) -> tuple[Tag, ...]:
    found = (tag_in(text[:1_000]) for text in _places(recipient, message, named))
    return tuple(islice(dict.fromkeys(tag for tag in found if tag), _MOST_TAGS))


def _places(recipient: str, message: Part, named: Sequence[str]) -> Iterator[str]:
    """Where a return path may stand, the surest first: last in the copy of the letter that a report encloses."""
    yield recipient
    for name in RECIPIENT_FIELDS:
        yield from message.head.every(name)
    yield from named
    for part in message.walk():
        if part.kind in _ENCLOSED:
            yield from head_of(part.decoded()).every("return-path")


def is_automatic(message: Part) -> bool:
    """Whether a program wrote it, as an absence note (RFC 3834) or a receipt for reading (RFC 8098)."""
    head = message.head
    submitted = head.first("auto-submitted").partition(";")[0].strip().casefold()
    receipt = message.parameters.get("report-type", "").casefold() == "disposition-notification"
    marked = any(head.first(name) for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress"))
    by_precedence = head.first("precedence").strip().casefold() in _AUTOMATIC
    return submitted not in ("", "no") or receipt or marked or by_precedence
