"""Reads Atom."""

from collections.abc import Iterable

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.check.seen import SeenEntry, SeenFeed, SeenLink
from feeds.check.tree import ATOM, LANGUAGE, parsed, shape, stylesheet, text_of
from feeds.form import Form

HISTORY = "{http://purl.org/syndication/history/1.0}"
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def read_atom(document: bytes) -> SeenFeed:
    root = parsed(document)
    return SeenFeed(
        form=Form.ATOM,
        id=text_of(root, f"{ATOM}id"),
        title=text_of(root, f"{ATOM}title"),
        updated=text_of(root, f"{ATOM}updated"),
        links=atom_links(root),
        authors=named(root.iterfind(f"{ATOM}author/{ATOM}name")),
        language=root.get(LANGUAGE),
        entries=tuple(map(_atom_entry, root.iterfind(f"{ATOM}entry"))),
        deleted={one.get("ref", ""): one.get("when", "") for one in root.iterfind(_TOMBSTONE)},
        complete=root.find(f"{HISTORY}complete") is not None,
        archive=root.find(f"{HISTORY}archive") is not None,
        stylesheet=stylesheet(root),
        shape=shape(root, f"{ATOM}entry"),
    )


def _atom_entry(entry: "etree._Element") -> SeenEntry:
    return SeenEntry(
        id=text_of(entry, f"{ATOM}id"),
        title=text_of(entry, f"{ATOM}title"),
        links=atom_links(entry),
        authors=named(entry.iterfind(f"{ATOM}author/{ATOM}name")),
        published=text_of(entry, f"{ATOM}published"),
        updated=text_of(entry, f"{ATOM}updated"),
        summary=text_of(entry, f"{ATOM}summary"),
        content=text_of(entry, f"{ATOM}content"),
        tags=tuple(one.get("term", "") for one in entry.iterfind(f"{ATOM}category")),
        language=entry.get(LANGUAGE),
        shape=shape(entry),
    )


def atom_links(element: "etree._Element") -> tuple[SeenLink, ...]:
    kept = ("href", "rel", "type", "hreflang", "length")
    links = ({name: one.get(name) for name in kept if one.get(name)} for one in element.iterfind(f"{ATOM}link"))
    return tuple(SeenLink(**{"href": "", **link}) for link in links)


def named(elements: Iterable["etree._Element"]) -> tuple[str, ...]:
    return tuple("".join(one.itertext()) for one in elements)
