"""What feedgen leaves to extensions: archives (RFC 5005) and tombstones (RFC 6721)."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Sequence

from feedgen.ext.base import BaseExtension
from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.head import Deleted
from feeds.moments import rfc3339
from text.clean import clean

_HISTORY = "http://purl.org/syndication/history/1.0"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


class History(BaseExtension):
    """Says that a document is an "archive", or that a feed is "complete"."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def extend_ns(self) -> dict[str, str]:
        return {"fh": _HISTORY}

    def extend_atom(self, feed: "etree._Element") -> "etree._Element":
        etree.SubElement(feed, f"{{{_HISTORY}}}{self._mark}")
        return feed

    def extend_rss(self, feed: "etree._Element") -> "etree._Element":
        """Marks the channel (RFC 5005, appendix B)."""
        self.extend_atom(feed[0])
        return feed


class Tombstones(BaseExtension):
    """Says which entries were withdrawn, and when; RSS has no word for it."""

    def __init__(self, deleted: Sequence[Deleted]) -> None:
        self._deleted = deleted

    def extend_ns(self) -> dict[str, str]:
        return {"at": _TOMBSTONES}

    def extend_atom(self, feed: "etree._Element") -> "etree._Element":
        for one in sorted(self._deleted, reverse=True):
            attributes = {"ref": clean(one.id), "when": rfc3339(one.when)}
            etree.SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry", attributes)
        return feed
