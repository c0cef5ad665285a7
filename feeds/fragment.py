"""An entry encoded once, in one form, to be kept and joined with others under a head."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from feeds.atom import atom_fragment
from feeds.entry import Described, Entry
from feeds.form import Form
from feeds.jsonfeed import json_fragment
from feeds.rss import rss_fragment

_ENCODERS: dict[Form, Callable[[Entry], bytes]] = {
    Form.ATOM: atom_fragment,
    Form.RSS: rss_fragment,
    Form.JSON: json_fragment,
}


class Piece(NamedTuple):
    """An encoded entry with what its document must know of it. Sorts from old to new; of one instant, by rank."""

    published: datetime
    rank: int
    id: str
    changed: datetime
    body: bytes


def fragment(form: Form, entry: Entry) -> bytes:
    """UTF-8 bytes of the entry: `<entry>`, `<item>` or a JSON object. It depends on the entry alone.

    Equal entries give equal bytes, in every process. ValueError for a naive instant.
    """
    return _ENCODERS[form](entry)


def piece(of: Described, body: bytes) -> Piece:
    """An encoded entry beside the values it was made of."""
    return Piece(of.published, of.rank, of.id, of.changed, body)
