"""An entry of feedgen's, mended."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from datetime import datetime
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.feedgen_mended.elements import CREATOR, DUBLIN_CORE, XML_LANG, set_attributes, set_date
from feeds.feedgen_mended.texts import clean_setter, cleaned
from feeds.moments import rfc822

_ENTRY_RELATIONS = frozenset({"alternate", "enclosure", "related", "self", "via"})


class MendedEntry(FeedEntry):
    """An entry that keeps link attributes, writes dates in UTC, and takes any text and any link relation."""

    language: str | None = None  # becomes xml:lang

    title = clean_setter("title", FeedEntry.title)
    id = clean_setter("id", FeedEntry.id)
    guid = clean_setter("guid", FeedEntry.guid)
    author = clean_setter("author", FeedEntry.author)
    contributor = clean_setter("contributor", FeedEntry.contributor)
    category = clean_setter("category", FeedEntry.category)
    content = clean_setter("content", FeedEntry.content)
    summary = clean_setter("summary", FeedEntry.summary)
    description = clean_setter("description", FeedEntry.description)
    rights = clean_setter("rights", FeedEntry.rights)
    comments = clean_setter("comments", FeedEntry.comments)
    source = clean_setter("source", FeedEntry.source)

    def __init__(self) -> None:
        super().__init__()
        self._dated = False

    def link(self, link: Any = None, replace: bool = False, **fields: Any) -> Any:  # noqa: ANN401  # feedgen's own
        """As feedgen's, and any relation of RFC 4287's section 4.2.7.2, registered or an IRI, is taken."""
        given = cleaned(link if link is not None else fields or [])
        given = given if isinstance(given, list) else [given]
        stored = super().link([], replace)
        for one in given:
            if one.get("rel", "alternate") in _ENTRY_RELATIONS:
                super().link(one)
            else:
                stored.append(one)
        return stored

    def updated(self, updated: datetime | str | None = None) -> datetime:
        """As feedgen's; it must be set, since the moment of rendering would make each render different."""
        self._dated = self._dated or updated is not None
        return super().updated(updated)  # type: ignore[no-any-return]

    def published(self, published: datetime | str | None = None) -> datetime | None:
        """As feedgen's; the RSS date is written by `rss_entry`, since feedgen would switch the process's locale."""
        instant = super().published(published)
        self._FeedEntry__rss_pubDate = None
        return instant  # type: ignore[no-any-return]

    def atom_entry(self, extensions: bool = True) -> "etree._Element":
        """The `<entry>`; ValueError when `updated` was never set."""
        if not self._dated:
            raise ValueError(f"entry {self.id()}: updated is not set")
        element: etree._Element = super().atom_entry(extensions)
        for node, link in zip(element.findall("link"), self.link(), strict=True):
            set_attributes(node, link)
        set_date(element, "updated", self.updated())
        set_date(element, "published", self.published())
        if self.language:
            element.set(XML_LANG, self.language)
        return element

    def rss_entry(self, extensions: bool = True) -> "etree._Element":
        """The `<item>`: its authors as dc:creator, its first enclosure, its summary as the HTML that RSS expects."""
        element: etree._Element = super().rss_entry(extensions)
        self._name_authors(element)
        self._escape_summary(element)
        self._put_first_enclosure(element)
        if instant := self.published():
            etree.SubElement(element, "pubDate").text = rfc822(instant)
        if self.language:
            element.set(XML_LANG, self.language)
        return element

    def _name_authors(self, element: "etree._Element") -> None:
        # RSS's own element wants an address and is shown with it; beside a dc:creator it would name the author twice.
        for unwanted in element.findall("author"):
            element.remove(unwanted)
        for author in self.author() or []:
            if author.get("name"):
                etree.SubElement(element, CREATOR, nsmap={"dc": DUBLIN_CORE}).text = author["name"]

    def _escape_summary(self, element: "etree._Element") -> None:
        # A description is HTML, so that "a < b" of a plain summary would lose what follows.
        told = self.summary() or {}
        description = element.find("description")
        plain = told.get("type", "text") == "text"
        if description is not None and plain and description.text == told.get("summary"):
            description.text = escape(description.text, quote=False)

    def _put_first_enclosure(self, element: "etree._Element") -> None:
        # RSS knows one, and feedgen would take the last.
        enclosure = element.find("enclosure")
        if enclosure is not None:
            first = next(link for link in self.link() if link.get("rel") == "enclosure")
            enclosure.set("url", first["href"])
            enclosure.set("type", first.get("type") or "application/octet-stream")
            enclosure.set("length", str(first.get("length") or 0))
