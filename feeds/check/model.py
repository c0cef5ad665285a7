"""What should be published: the documents of a site, as values made of the posts alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feeds.form import Form
from feeds.head import Deleted, Head
from feeds.ingredients import Ingredients
from feeds.opml import Outline


@dataclass(frozen=True, kw_only=True)
class Document:
    """One feed as it should be, its entries newest first.

    A frozen one, an archive, goes on saying what was true when it was made: `later` has, by id, the states that the
    words of an entry have had since, and `kept` those entries that another version of the program encoded.
    """

    path: str
    topic: str
    form: Form
    head: Head
    entries: tuple[Ingredients, ...]
    deleted: tuple[Deleted, ...] = ()
    frozen: bool = False
    later: Mapping[str, tuple[Ingredients, ...]] = field(default_factory=dict)
    kept: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def updated(self) -> datetime:
        """The newest change of anything in it (RFC 4287, section 4.2.15)."""
        changes = [*(entry.changed for entry in self.entries), *(one.when for one in self.deleted)]
        return max(changes, default=self.head.empty_updated)


@dataclass(frozen=True, kw_only=True)
class Model:
    """All documents by their path, and what must be in none of them.

    `secret` are entry ids and pages of posts that are not out, with the words for them; `former` are slugs that series
    have no more, each with the one that took its place, "" for none. `behind` are topics that wait to be written, each
    with the problem met last.
    """

    site: str
    documents: Mapping[str, Document]
    outlines: tuple[Outline, ...]
    secret: Mapping[str, str]
    withdrawn: frozenset[str]
    former: Mapping[str, str]
    behind: Mapping[str, str | None]
    now: datetime
