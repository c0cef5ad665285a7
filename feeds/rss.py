"""RSS 2.0, after the profile of the RSS Advisory Board: an item, and the frame of a feed."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Sequence
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.entry import Entry, feedgen_entry
from feeds.feed import Frame, feedgen_feed, frame
from feeds.feedgen_mended import RSS_NAMESPACES, rss_titles
from feeds.form import Form
from feeds.head import Deleted, Head

_CLOSING = b"</item>"


def rss_fragment(entry: Entry) -> bytes:
    """One `<item>`, ending with a line end; the prefixes it uses are those that the feed declares."""
    # Around an item of its own, the serialiser would write the declarations into the item.
    root = etree.Element("rss", nsmap=RSS_NAMESPACES)
    root.append(feedgen_entry(entry).rss_entry())
    document: bytes = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    return rss_titles(document[document.index(b"<item") : document.rindex(_CLOSING)]) + _CLOSING + b"\n"


def rss_frame(head: Head, updated: datetime, deleted: Sequence[Deleted]) -> Frame:
    """The feed around its items; tombstones are known to Atom only, but they move `lastBuildDate`."""
    feed = feedgen_feed(Form.RSS, head, updated, deleted)
    if not head.subtitle:
        feed.description(head.shown_title)
    return frame(feed.rss_str(pretty=True), b"</channel>", head.stylesheet)
