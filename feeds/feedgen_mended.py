"""feedgen 1.0.0 without the faults that a publisher meets; each is mended here, nowhere else."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.moments import rfc822, rfc3339
from text.clean import clean

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ATOM = "http://www.w3.org/2005/Atom"
_CREATOR = "http://purl.org/dc/elements/1.1/"
_LINK_ATTRIBUTES = ("rel", "type", "hreflang", "title", "length")
_ENTRY_RELATIONS = frozenset({"alternate", "enclosure", "related", "self", "via"})


def _cleaned(value: Any) -> Any:  # noqa: ANN401  # feedgen takes texts, mappings and lists of them
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _clean_setter(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    # One character outside XML 1.0 would fail the whole document, so text is cleaned where it enters.
    def setter(self: Any, *values: Any, **fields: Any) -> Any:  # noqa: ANN401  # feedgen's own signature
        if name == "content" and "CDATA" in (fields.get("type"), *values[2:]):
            raise ValueError('Atom knows no content of type "CDATA" (RFC 4287, section 4.1.3.1); give html or text')
        return original(self, *map(_cleaned, values), **_cleaned(fields))

    return setter


class MendedEntry(FeedEntry):
    """An entry that keeps link attributes, writes dates in UTC, and takes any text and any link relation."""

    language: str | None = None  # becomes xml:lang; set only where it differs from the feed's

    title = _clean_setter("title", FeedEntry.title)
    id = _clean_setter("id", FeedEntry.id)
    guid = _clean_setter("guid", FeedEntry.guid)
    author = _clean_setter("author", FeedEntry.author)
    contributor = _clean_setter("contributor", FeedEntry.contributor)
    category = _clean_setter("category", FeedEntry.category)
    content = _clean_setter("content", FeedEntry.content)
    summary = _clean_setter("summary", FeedEntry.summary)
    description = _clean_setter("description", FeedEntry.description)
    rights = _clean_setter("rights", FeedEntry.rights)
    comments = _clean_setter("comments", FeedEntry.comments)
    source = _clean_setter("source", FeedEntry.source)

    def __init__(self) -> None:
        super().__init__()
        self._dated = False

    def link(self, link: Any = None, replace: bool = False, **fields: Any) -> Any:  # noqa: ANN401  # feedgen's own
        """As feedgen's, and any relation of RFC 4287's section 4.2.7.2, registered or an IRI, is taken."""
        given = _cleaned(link if link is not None else fields or [])
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
            _set_attributes(node, link)
        _set_date(element, "updated", self.updated())
        _set_date(element, "published", self.published())
        if self.language:
            element.set(_XML_LANG, self.language)
        return element

    def rss_entry(self, extensions: bool = True) -> "etree._Element":
        """The `<item>`; an author without an address, whom RSS's own element cannot name, becomes a dc:creator."""
        element: etree._Element = super().rss_entry(extensions)
        for author in self.author() or []:
            if author.get("name") and not author.get("email"):
                etree.SubElement(element, f"{{{_CREATOR}}}creator", nsmap={"dc": _CREATOR}).text = author["name"]
        if instant := self.published():
            etree.SubElement(element, "pubDate").text = rfc822(instant)
        return element


class MendedFeed(FeedGenerator):
    """A feed whose bytes depend on what was set and on nothing else."""

    title = _clean_setter("title", FeedGenerator.title)
    id = _clean_setter("id", FeedGenerator.id)
    author = _clean_setter("author", FeedGenerator.author)
    link = _clean_setter("link", FeedGenerator.link)
    subtitle = _clean_setter("subtitle", FeedGenerator.subtitle)
    description = _clean_setter("description", FeedGenerator.description)
    rights = _clean_setter("rights", FeedGenerator.rights)
    language = _clean_setter("language", FeedGenerator.language)
    category = _clean_setter("category", FeedGenerator.category)

    def __init__(self) -> None:
        super().__init__()
        self._dated = False
        self._FeedGenerator__rss_lastBuildDate = None

    def updated(self, updated: datetime | str | None = None) -> datetime:
        """As feedgen's; it must be set before the feed is written."""
        self._dated = self._dated or updated is not None
        instant = super().updated(updated)
        # feedgen would write the RSS date by switching the locale of the whole process.
        self._FeedGenerator__rss_lastBuildDate = None
        return instant  # type: ignore[no-any-return]

    def add_entry(self, feedEntry: MendedEntry | None = None, order: str = "append") -> MendedEntry:  # noqa: N803
        """Adds an entry after those there are; feedgen would put it first."""
        return super().add_entry(feedEntry or MendedEntry(), order)  # type: ignore[no-any-return]

    def rss_str(
        self, pretty: bool = False, extensions: bool = True, encoding: str = "UTF-8", xml_declaration: bool = True
    ) -> bytes:
        """The RSS document; & and < in titles as the RSS profile advises: hexadecimal references."""
        document: bytes = super().rss_str(pretty, extensions, encoding, xml_declaration)
        return re.sub(rb"<title>.*?</title>", _by_number, document, flags=re.DOTALL)

    def _create_atom(self, extensions: bool = True) -> tuple["etree._Element", "etree._ElementTree[Any]"]:
        self._check_dated()
        root, tree = super()._create_atom(extensions)
        _set_date(root, "updated", self.updated())
        return root, tree

    def _create_rss(self, extensions: bool = True) -> tuple["etree._Element", "etree._ElementTree[Any]"]:
        self._check_dated()
        root, tree = super()._create_rss(extensions)
        channel, first = root[0], root[0].find("item")
        at = len(channel) if first is None else channel.index(first)
        channel[at:at] = [*self._rss_links(), _element("lastBuildDate", rfc822(self.updated()))]
        alternate = next((link["href"] for link in self.link() or [] if _relation(link) == "alternate"), None)
        if alternate is not None:
            _set_text(channel, "link", alternate)
        etree.cleanup_namespaces(root, top_nsmap={"dc": _CREATOR}, keep_ns_prefixes=["atom", "content"])
        return root, tree

    def _rss_links(self) -> list["etree._Element"]:
        # feedgen itself writes the link to self; the others (hub, prev-archive, current, …) it drops.
        others = [link for link in self.link() or [] if _relation(link) not in ("self", "alternate")]
        elements = [etree.Element(f"{{{_ATOM}}}link", href=link["href"]) for link in others]
        for element, link in zip(elements, others, strict=True):
            _set_attributes(element, link)
        return elements

    def _check_dated(self) -> None:
        if not self._dated:
            raise ValueError(f"feed {self.id()}: updated is not set")


def _relation(link: Mapping[str, str]) -> str:
    return link.get("rel") or "alternate"


def _set_attributes(element: "etree._Element", link: Mapping[str, Any]) -> None:
    for name in _LINK_ATTRIBUTES:
        if link.get(name):
            element.set(name, str(link[name]))


def _set_date(parent: "etree._Element", name: str, instant: datetime | None) -> None:
    if instant is not None:
        _set_text(parent, name, rfc3339(instant))


def _set_text(parent: "etree._Element", name: str, text: str) -> None:
    element = parent.find(name)
    if element is not None:
        element.text = text


def _element(name: str, text: str) -> "etree._Element":
    element = etree.Element(name)
    element.text = text
    return element


def _by_number(title: "re.Match[bytes]") -> bytes:
    return title[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
