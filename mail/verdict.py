"""What follows from what came back: rules over values. The scheduler carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from db.errors import BadValue
from db.subscribers import address_key
from mail.dsn import Report
from mail.failures import Says
from mail.headers import ascii_domain


class Consequence(StrEnum):
    nothing = "nothing"
    suppress = "suppress"
    leave = "leave"


@dataclass(frozen=True)
class Patience:
    """How many editions in a row an address may refuse softly, and for how long, until it is written to no more."""

    editions: int = 5
    span: timedelta = timedelta(days=10)


@dataclass(frozen=True)
class Row:
    """Letters to one reader, one after the other, that all came back softly; from the first to the last of them."""

    letters: int
    span: timedelta


_GRAVEST_FIRST: Final = list(Says)


def report_on(reports: Sequence[Report], address: str) -> Report | None:
    """What a message says of the letter to this address; None when it speaks of other addresses only.

    That is so when somebody forwards the letter and does not say so, and when somebody forges a report.
    """
    ours = _comparable(address)
    about = [one for one in reports if not one.addresses or ours in map(_comparable, one.addresses)]
    return min(about, key=lambda report: _GRAVEST_FIRST.index(report.says), default=None)


def consequence(says: Says, row: Row, patience: Patience) -> Consequence:
    """What becomes of the reader; `row` is the one that this letter stands in when it came back softly."""
    match says:
        case Says.complaint:
            return Consequence.leave
        case Says.hard:
            return Consequence.suppress
        case Says.soft if row.letters >= patience.editions and row.span >= patience.span:
            return Consequence.suppress
        case _:
            return Consequence.nothing


def _comparable(address: str) -> str:
    local, at, domain = address_key(address).rpartition("@")
    try:
        return f"{local}{at}{ascii_domain(domain)}"
    except BadValue:
        return address_key(address)
