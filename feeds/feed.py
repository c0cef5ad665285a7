"""The head of a feed in feedgen's terms, and the frame it makes for entries that are encoded already."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from html import escape
from typing import NamedTuple

from feeds.entry import person, shown_name
from feeds.extensions import History, Tombstones
from feeds.feedgen_mended import MendedFeed
from feeds.form import Form
from feeds.head import Deleted, Head
from text.clean import clean

# Without a version: an upgrade of the program must not change documents whose entries did not change.
GENERATOR = "Fascicle"


class Frame(NamedTuple):
    """The bytes of a document around its encoded entries."""

    before: bytes
    between: bytes
    after: bytes


def feedgen_feed(form: Form, head: Head, updated: datetime, deleted: Sequence[Deleted]) -> MendedFeed:
    """A feed without entries, with the addresses that belong to one of the two forms of XML."""
    feed = MendedFeed()
    feed.id(head.id)
    feed.title(head.shown_title)
    feed.updated(updated)
    feed.language(head.language)
    feed.author(person(shown_name(head.author_name, head.alternate), head.author_email))
    feed.generator(GENERATOR)
    _add_what_there_is(feed, head)
    _add_links(feed, form, head)
    _add_extensions(feed, head, deleted)
    return feed


def frame(document: bytes, closing: bytes, stylesheet: str | None) -> Frame:
    """An XML document without entries, cut open before its last tag, `closing`; tells browsers of the style sheet."""
    declaration, _, rest = document.partition(b"\n")
    at = rest.rindex(closing)
    # The indent before the closing tag would else stand before the first entry.
    opened = rest[:at].rstrip(b" ")
    return Frame(b"\n".join([declaration, *_style(stylesheet), opened]), b"", rest[at:])


def _style(stylesheet: str | None) -> list[bytes]:
    return [f'<?xml-stylesheet type="text/css" href="{escape(clean(stylesheet))}"?>'.encode()] if stylesheet else []


def _add_what_there_is(feed: MendedFeed, head: Head) -> None:
    if head.subtitle:
        feed.subtitle(head.subtitle)
    if head.rights:
        feed.rights(head.rights)
    if head.icon:
        feed.icon(head.icon)
    if head.logo:
        feed.logo(head.logo)


def _add_links(feed: MendedFeed, form: Form, head: Head) -> None:
    kind = form.media_type
    feed.link(href=head.urls[form], rel="self", type=kind)
    if form in head.prev_archive:
        feed.link(href=head.prev_archive[form], rel="prev-archive", type=kind)
    if form in head.archive_of:
        feed.link(href=head.archive_of[form], rel="current", type=kind)
    elif head.hub:
        # Not in an archive: it never changes, so there is nothing to tell.
        feed.link(href=head.hub, rel="hub")
    feed.link(href=head.alternate, rel="alternate", type="text/html", hreflang=head.language)


def _add_extensions(feed: MendedFeed, head: Head, deleted: Sequence[Deleted]) -> None:
    if head.archive_of or head.complete:
        feed.register_extension("history", partial(History, "archive" if head.archive_of else "complete"))
    if deleted:
        feed.register_extension("tombstones", partial(Tombstones, deleted), rss=False)
