"""Delivery status notifications (RFC 3464): what servers say became of a letter they had taken."""

import re
from dataclasses import dataclass
from typing import Final

from mail.failures import Says, grade, status_in
from mail.headers import one_line
from mail.mime import Fields, Part, groups_of

MOST_RECIPIENTS: Final = 20
"""A letter of ours has one; a report of many more is about somebody else's."""
LONGEST_WORDS: Final = 1_000
_LONGEST_ADDRESS: Final = 320
_ACTIONS: Final = {
    "delayed": Says.delayed,
    "delivered": Says.delivered,
    "relayed": Says.delivered,
    "expanded": Says.delivered,
}
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
_UNITEXT: Final = re.compile(r"\\x\{([0-9A-F]{2,6})\}")


@dataclass(frozen=True)
class Report:
    """What a message says of a letter to one of `addresses`; of whomever its return path names when there is none."""

    says: Says
    addresses: tuple[str, ...] = ()
    status: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Notice:
    """What a server says; `reporter` is its name."""

    reporter: str
    reports: tuple[Report, ...]


def read_dsn(message: Part) -> Notice | None:
    """What the delivery status in a message says; None where there is none."""
    part = message.find("message/delivery-status", "message/global-delivery-status")
    if part is None:
        return None
    groups = list(groups_of(part.decoded(), most=MOST_RECIPIENTS + 1))
    reporter = next((group.first("reporting-mta") for group in groups), "")
    reports = [_report(group) for group in groups if group.first("final-recipient") or group.first("action")]
    return Notice(_value(reporter), tuple(reports)) if reports else None


def _report(group: Fields) -> Report:
    action = group.first("action").partition("(")[0].strip().casefold()
    words = one_line(_value(group.first("diagnostic-code")))[:LONGEST_WORDS]
    status = status_in(group.first("status"))
    says = grade(status, words) if action == "failed" else _ACTIONS.get(action, Says.unknown)
    return Report(says, _addresses(group), status, words)


def _addresses(group: Fields) -> tuple[str, ...]:
    """Whom the letter was for: as the server found it, and as it was sent, which a forwarding changes. Never empty."""
    said = [_value(group.first(name))[:_LONGEST_ADDRESS] for name in ("final-recipient", "original-recipient")]
    return tuple(dict.fromkeys(spelling for address in said for spelling in _spellings(address)))


def _spellings(address: str) -> list[str]:
    """The address as it stands, and as it is if it was encoded (RFC 3461, 4 and RFC 6533, 3)."""
    bare = re.sub(r"\s*\([^()]*\)\s*$", "", address).strip().removeprefix("<").removesuffix(">")
    plain = _XTEXT.sub(lambda found: chr(int(found[1], 16)), bare)
    wide = _UNITEXT.sub(lambda found: _character(int(found[1], 16)), bare)
    return [bare, plain, wide]


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _value(typed: str) -> str:
    """What stands behind the type of an address, a name or a diagnostic: `rfc822; alice@example.org`."""
    kind, semicolon, value = typed.partition(";")
    return value.strip() if semicolon and len(kind) <= 20 else typed.strip()
