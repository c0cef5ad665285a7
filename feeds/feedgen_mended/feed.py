"""A feed of feedgen's, mended."""

# mypy: disable-error-code="no-untyped-call"
# feedgen has no types.

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.feedgen_mended.elements import (
    ATOM,
    CREATOR,
    RSS_NAMESPACES,
    rss_titles,
    set_attributes,
    set_date,
    set_text,
    text_element,
)
from feeds.feedgen_mended.entry import MendedEntry
from feeds.feedgen_mended.texts import clean_setter
from feeds.moments import rfc822


class MendedFeed(FeedGenerator):
    """A feed whose bytes depend on what was set and on nothing else."""

    title = clean_setter("title", FeedGenerator.title)
    id = clean_setter("id", FeedGenerator.id)
    author = clean_setter("author", FeedGenerator.author)
    link = clean_setter("link", FeedGenerator.link)
    subtitle = clean_setter("subtitle", FeedGenerator.subtitle)
    description = clean_setter("description", FeedGenerator.description)
    rights = clean_setter("rights", FeedGenerator.rights)
    language = clean_setter("language", FeedGenerator.language)
    category = clean_setter("category", FeedGenerator.category)
    icon = clean_setter("icon", FeedGenerator.icon)
    logo = clean_setter("logo", FeedGenerator.logo)
    image = clean_setter("image", FeedGenerator.image)
    managingEditor = clean_setter("managingEditor", FeedGenerator.managingEditor)  # noqa: N815  # feedgen's name

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
        """The RSS document, its titles as `rss_titles` writes them."""
        return rss_titles(super().rss_str(pretty, extensions, encoding, xml_declaration))

    def _create_atom(self, extensions: bool = True) -> tuple["etree._Element", "etree._ElementTree[Any]"]:
        self._check_dated()
        root, tree = super()._create_atom(extensions)
        set_date(root, "updated", self.updated())
        return root, tree

    def _create_rss(self, extensions: bool = True) -> tuple["etree._Element", "etree._ElementTree[Any]"]:
        self._check_dated()
        root, tree = super()._create_rss(extensions)
        channel, first = root[0], root[0].find("item")
        at = len(channel) if first is None else channel.index(first)
        channel[at:at] = [
            *self._rss_people(),
            *self._rss_links(),
            text_element("lastBuildDate", rfc822(self.updated())),
        ]
        links = self.link() or []
        alternate = next((link["href"] for link in links if _relation(link) == "alternate"), links[-1]["href"])
        # feedgen takes whatever link was added last, for the channel and for its picture.
        for parent in (channel, *channel.findall("image")):
            set_text(parent, "link", alternate)
        _declare(root, RSS_NAMESPACES)
        return root, tree

    def _rss_people(self) -> list["etree._Element"]:
        """Who feedgen's RSS leaves out: the first with an address is the editor, a name without one the creator."""
        authors = [author for author in self.author() or [] if author.get("name")]
        editors = [author for author in authors if author.get("email")]
        if editors and not self.managingEditor():
            return [text_element("managingEditor", f"{editors[0]['email']} ({editors[0]['name']})")]
        return [text_element(CREATOR, author["name"]) for author in authors if not author.get("email")]

    def _rss_links(self) -> list["etree._Element"]:
        # feedgen itself writes the link to self; the others (hub, prev-archive, current, …) it drops.
        others = [link for link in self.link() or [] if _relation(link) not in ("self", "alternate")]
        elements = [etree.Element(f"{{{ATOM}}}link", href=link["href"]) for link in others]
        for element, link in zip(elements, others, strict=True):
            set_attributes(element, link)
        return elements

    def _check_dated(self) -> None:
        if not self._dated:
            raise ValueError(f"feed {self.id()}: updated is not set")


def _declare(root: "etree._Element", namespaces: Mapping[str, str]) -> None:
    etree.cleanup_namespaces(root, top_nsmap=dict(namespaces), keep_ns_prefixes=list(namespaces))


def _relation(link: Mapping[str, str]) -> str:
    return link.get("rel") or "alternate"
