"""A list of feeds that readers can import: OPML 2.0."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.moments import rfc822
from text.clean import clean

MEDIA_TYPE = "text/x-opml"

_DOCS = "https://opml.org/spec2.opml"


@dataclass(frozen=True, kw_only=True)
class Outline:
    """One feed of the list; both addresses are absolute."""

    title: str
    feed_url: str
    page_url: str
    language: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose list it is; `url` is a page where they can be reached."""

    name: str
    email: str | None = None
    url: str


def opml_document(title: str, owner: Owner, outlines: Sequence[Outline], *, modified: datetime) -> bytes:
    """UTF-8 bytes of the list, in the order given; the same bytes for the same arguments.

    `modified` is aware, else ValueError: when a feed was last added, renamed or removed.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    for name, text in _head(title, owner, modified).items():
        etree.SubElement(head, name).text = clean(text)
    body = etree.SubElement(root, "body")
    for outline in outlines:
        etree.SubElement(body, "outline", _attributes(outline))
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return document


def _head(title: str, owner: Owner, modified: datetime) -> dict[str, str]:
    return {
        "title": title,
        "dateModified": rfc822(modified),
        "ownerName": owner.name,
        **({"ownerEmail": owner.email} if owner.email else {}),
        "ownerId": owner.url,
        "docs": _DOCS,
    }


def _attributes(outline: Outline) -> dict[str, str]:
    title = outline.title if outline.title.strip() else outline.page_url
    # "rss" stands for every form of feed, Atom too; readers ask for both spellings of the title.
    told = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": outline.feed_url,
        "htmlUrl": outline.page_url,
        "language": outline.language,
        "description": outline.description or "",
    }
    return {name: clean(value) for name, value in told.items() if value}
