"""A row of the record of who did what, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.tables import Audit


@dataclass(frozen=True)
class Deed:
    at: datetime
    who: str
    what: str
    about: str


def told(row: Audit, series: Mapping[int, str]) -> Deed:
    """`series` has the titles of those that are there."""
    kind, _, number = row.subject.partition(":")
    title = series.get(int(number)) if kind == "series" and number.isdecimal() else None
    about = title or str(row.detail.get("email") or row.detail.get("post") or row.subject.replace(":", " "))
    return Deed(row.at, row.actor, _what(row), about)


def _what(row: Audit) -> str:
    words = str(row.detail.get("words") or row.action)
    if row.detail.get("steps") and row.action in ("undo", "redo"):
        words = f"{row.action} ({words})" if not words.startswith(row.action) else words
    if row.action in ("invite", "role", "join") and row.detail.get("role"):
        words = f"{row.action}: {row.detail['role']}"
    reason = row.detail.get("reason")
    return f"{words} ({reason})" if reason else words
