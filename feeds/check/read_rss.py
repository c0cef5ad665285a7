"""Reads RSS 2.0."""

from html import unescape

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.check.read_atom import HISTORY, atom_links, named
from feeds.check.seen import SeenEntry, SeenFeed, SeenLink
from feeds.check.tree import LANGUAGE, parsed, shape, stylesheet, text_of
from feeds.form import Form

_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


def read_rss(document: bytes) -> SeenFeed:
    root = parsed(document)
    channel = root.find("channel")
    if channel is None:
        raise ValueError("there is no channel")
    page = text_of(channel, "link")
    return SeenFeed(
        form=Form.RSS,
        id=None,
        title=text_of(channel, "title"),
        updated=text_of(channel, "lastBuildDate"),
        links=(*atom_links(channel), *([SeenLink(href=page)] if page is not None else [])),
        authors=named([*channel.iterfind("managingEditor"), *channel.iterfind(_CREATOR)]),
        language=text_of(channel, "language"),
        entries=tuple(map(_rss_entry, channel.iterfind("item"))),
        deleted={},
        complete=channel.find(f"{HISTORY}complete") is not None,
        archive=channel.find(f"{HISTORY}archive") is not None,
        stylesheet=stylesheet(root),
        shape=(shape(root, "channel"), shape(channel, "item")),
    )


def _rss_entry(item: "etree._Element") -> SeenEntry:
    encoded, description = text_of(item, _ENCODED), text_of(item, "description")
    page = text_of(item, "link")
    return SeenEntry(
        id=text_of(item, "guid"),
        title=text_of(item, "title"),
        links=(*([SeenLink(href=page)] if page is not None else []), *map(_enclosure, item.iterfind("enclosure"))),
        authors=named(item.iterfind(_CREATOR)),
        published=text_of(item, "pubDate"),
        updated=None,
        # A description is HTML: the whole text where there is no other element for it.
        summary=unescape(description) if encoded is not None and description is not None else None,
        content=description if encoded is None else encoded,
        tags=tuple("".join(one.itertext()) for one in item.iterfind("category")),
        language=item.get(LANGUAGE),
        shape=shape(item),
    )


def _enclosure(element: "etree._Element") -> SeenLink:
    return SeenLink(
        href=element.get("url", ""), rel="enclosure", type=element.get("type"), length=element.get("length")
    )
