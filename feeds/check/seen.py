"""A document as a reader has it: plain values, whatever the form; dates as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from feeds.form import Form


@dataclass(frozen=True, kw_only=True)
class SeenLink:
    """A link with the attributes it has; `rel` is "alternate" where none is named (RFC 4287, section 4.2.7.2)."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    hreflang: str | None = None
    length: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeenEntry:
    """None for what is not there. `shape` is all there is in the entry, written so that equal means the same."""

    id: str | None
    title: str | None
    links: tuple[SeenLink, ...]
    authors: tuple[str, ...]
    published: str | None
    updated: str | None
    summary: str | None
    content: str | None
    tags: tuple[str, ...]
    language: str | None
    shape: object

    @property
    def called(self) -> str:
        """The entry by a name that a person finds it by."""
        return f"“{self.title}”" if self.title and self.title.strip() else f"the entry {self.id}"

    @property
    def page(self) -> str | None:
        return next((link.href for link in self.links if link.rel == "alternate"), None)


@dataclass(frozen=True, kw_only=True)
class SeenFeed:
    """`deleted` maps the ids of withdrawn entries to when; `shape` is all but the entries, by name."""

    form: Form
    id: str | None
    title: str | None
    updated: str | None
    links: tuple[SeenLink, ...]
    authors: tuple[str, ...]
    language: str | None
    entries: tuple[SeenEntry, ...]
    deleted: Mapping[str, str]
    complete: bool
    archive: bool
    stylesheet: str | None
    shape: object

    def addresses(self, rel: str) -> list[str]:
        """Where the links of one relation lead."""
        return [link.href for link in self.links if link.rel == rel]

    @property
    def ids(self) -> list[str]:
        return [entry.id for entry in self.entries if entry.id]
