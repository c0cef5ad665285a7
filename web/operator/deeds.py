"""A row of the record of who did what, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.tables import Audit
from scheduler.steer import BREAKER


@dataclass(frozen=True)
class Deed:
    at: datetime
    who: str
    what: str
    about: str


def told(row: Audit, series: Mapping[int, str], *, names_readers: bool) -> Deed:
    """`series` has the titles of those that are there. What may name a reader is told only to who may see them."""
    kind, _, number = row.subject.partition(":")
    title = series.get(int(number)) if kind == "series" and number.isdecimal() else None
    about = title or str(row.detail.get("email") or row.detail.get("post") or row.subject.replace(":", " "))
    return Deed(row.at, row.actor, _what(row, with_reason=names_readers or row.actor != BREAKER), about)


def _what(row: Audit, *, with_reason: bool) -> str:
    words = str(row.detail.get("words") or row.action)
    if row.detail.get("steps") and row.action in ("undo", "redo"):
        words = f"{row.action} ({words})" if not words.startswith(row.action) else words
    if row.action in ("invite", "role", "join") and row.detail.get("role"):
        words = f"{row.action}: {row.detail['role']}"
    reason = row.detail.get("reason")
    return f"{words} ({reason})" if reason and with_reason else words
