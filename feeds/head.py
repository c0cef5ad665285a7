"""What a feed says of itself and of the posts that are no longer in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from feeds.form import Form


class Deleted(NamedTuple):
    """A post that was in the feed and was withdrawn `when`, an aware instant (RFC 6721)."""

    when: datetime
    id: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a feed says of itself, in whatever form; all addresses are absolute.

    `urls` are the document's own addresses by form, `alternate` that of the page it stands for. `empty_updated` is the
    moment the feed names while it has neither entries nor tombstones: aware, and the same at every render.
    `prev_archive` are the addresses, by form, of the archive that continues the document into the past. An archive
    names in `archive_of` the addresses of the live feed; without them the document is that live feed (RFC 5005,
    section 4). `complete` when all that the feed has is in this one document (section 2), which excludes both.
    `ended` when nothing more will come. ValueError for a document that would be complete and yet continue.
    """

    id: str
    title: str
    subtitle: str | None = None
    urls: Mapping[Form, str]
    alternate: str
    language: str
    author_name: str
    author_email: str | None = None
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None
    hub: str | None = None
    stylesheet: str | None = None
    empty_updated: datetime
    prev_archive: Mapping[Form, str] = field(default_factory=dict)
    archive_of: Mapping[Form, str] = field(default_factory=dict)
    complete: bool = False
    ended: bool = False

    def __post_init__(self) -> None:
        if self.complete and (self.prev_archive or self.archive_of):
            raise ValueError(f"feed {self.id}: a complete feed has no archives (RFC 5005, section 2)")

    @property
    def shown_title(self) -> str:
        """Never blank."""
        return self.title if self.title.strip() else self.alternate
