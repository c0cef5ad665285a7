"""The list of addresses that get nothing, as rows that the import takes back."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from db import suppressions
from db.engine import Store
from db.tables import Suppression

PAGE = 500


def everybody(store: Store) -> Iterator[Suppression]:
    """All of them, a page at a time, so that no transaction waits for who reads."""
    last = ""
    while True:
        with store.reading() as session:
            page = suppressions.after(session, last, limit=PAGE)
        if not page:
            return
        yield from page
        last = page[-1].fingerprint


def record_of(one: Suppression) -> dict[str, Any]:
    """By the names of the columns. Of an erased address there is the fingerprint alone."""
    return {
        "email": one.address,
        "fingerprint": one.fingerprint,
        "kind": one.kind,
        "reason": one.reason,
        "since": one.created_at,
    }


def row_of(one: Suppression) -> dict[str, str]:
    """The same for a list, with the words of strangers made harmless."""
    since = one.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    row = {**record_of(one), "reason": _harmless(one.reason), "since": since}
    return {name: str(value) for name, value in row.items() if value is not None}


def _harmless(words: str) -> str:
    """A spreadsheet would compute what begins like this, and these may be a stranger's words."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words
