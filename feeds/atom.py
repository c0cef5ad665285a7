"""Atom 1.0 (RFC 4287): an entry, and the frame of a feed."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Sequence
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.entry import Entry, feedgen_entry
from feeds.feed import Frame, feedgen_feed, frame
from feeds.form import Form
from feeds.head import Deleted, Head


def atom_fragment(entry: Entry) -> bytes:
    """One `<entry>`, ending with a line end; its namespace is the one that the feed declares."""
    encoded: bytes = etree.tostring(feedgen_entry(entry).atom_entry(), encoding="UTF-8", pretty_print=True)
    return encoded


def atom_frame(head: Head, updated: datetime, deleted: Sequence[Deleted]) -> Frame:
    """The feed around its entries."""
    document = feedgen_feed(Form.ATOM, head, updated, deleted).atom_str(pretty=True)
    return frame(document, b"</feed>", head.stylesheet)
