"""Encoded entries joined under a head: the finished feed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from feeds.atom import atom_frame
from feeds.entry import Entry
from feeds.feed import Frame
from feeds.form import Form
from feeds.fragment import Piece, fragment, piece
from feeds.head import Deleted, Head
from feeds.jsonfeed import json_frame
from feeds.rss import rss_frame

_FRAMES: dict[Form, Callable[[Head, datetime, Sequence[Deleted]], Frame]] = {
    Form.ATOM: atom_frame,
    Form.RSS: rss_frame,
    Form.JSON: json_frame,
}


def document(form: Form, head: Head, pieces: Iterable[Piece], deleted: Sequence[Deleted] = ()) -> bytes:
    """UTF-8 bytes of the feed, newest entry first; the same bytes for the same arguments, whenever it is called.

    All pieces must be of this form. The feed's `updated` is the newest change of any entry or tombstone (RFC 4287,
    section 4.2.15). KeyError for a head without an address of this form, ValueError for a naive instant.
    """
    newest = sorted(pieces, reverse=True)
    made = _FRAMES[form](head, _updated(head, newest, deleted), deleted)
    return b"".join(_parts(made, newest))


def written(form: Form, head: Head, entries: Iterable[Entry], deleted: Sequence[Deleted] = ()) -> bytes:
    """As `document`, of entries that are nowhere kept and are encoded here."""
    return document(form, head, [piece(entry, fragment(form, entry)) for entry in entries], deleted)


def _updated(head: Head, pieces: Sequence[Piece], deleted: Sequence[Deleted]) -> datetime:
    changes = [*(one.changed for one in pieces), *(one.when for one in deleted)]
    return max(changes, default=head.empty_updated)


def _parts(made: Frame, pieces: Sequence[Piece]) -> list[bytes]:
    # A list for one join: the document is in memory once, beside its pieces.
    parts = [made.before]
    for number, one in enumerate(pieces):
        parts += (made.between, one.body) if number else (one.body,)
    return [*parts, made.after]
