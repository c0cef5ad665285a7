"""A feed as an Atom 1.0 document (RFC 4287)."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.entry import Entry, feedgen_entry, newest_first
from feeds.feedgen_mended import MendedFeed

# Without a version: an upgrade of the program must not change documents whose entries did not change.
GENERATOR = "Fascicle"


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a feed says of itself; all addresses are absolute.

    `empty_updated` is the moment the feed names while it has no entries: aware, and the same at every render.
    """

    id: str
    title: str
    subtitle: str | None
    self_url: str
    alternate_url: str
    language: str
    author_name: str
    author_email: str | None
    rights: str | None = None
    empty_updated: datetime
    hub: str | None = None


def atom_document(head: Head, entries: Sequence[Entry]) -> bytes:
    """UTF-8 bytes of the feed, newest entry first; the same bytes for the same arguments, whenever it is called.

    The feed's `updated` is the newest change of any entry (RFC 4287, section 4.2.15). ValueError for a naive instant.
    """
    feed = _feed(head)
    feed.updated(max((entry.changed for entry in entries), default=head.empty_updated))
    for entry in sorted(entries, key=newest_first, reverse=True):
        feed.add_entry(feedgen_entry(entry, head.language))
    return feed.atom_str(pretty=True)  # type: ignore[no-any-return]  # feedgen has no types


def _feed(head: Head) -> MendedFeed:
    feed = MendedFeed()
    feed.id(head.id)
    feed.title(head.title if head.title.strip() else head.alternate_url)
    feed.language(head.language)
    feed.author({"name": head.author_name, **({"email": head.author_email} if head.author_email else {})})
    feed.generator(GENERATOR)
    _add_links(feed, head)
    if head.subtitle:
        feed.subtitle(head.subtitle)
    if head.rights:
        feed.rights(head.rights)
    return feed


def _add_links(feed: MendedFeed, head: Head) -> None:
    feed.link(href=head.self_url, rel="self", type="application/atom+xml")
    if head.hub:
        feed.link(href=head.hub, rel="hub")
    feed.link(href=head.alternate_url, rel="alternate", type="text/html")
