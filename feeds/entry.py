"""One post as an entry of a feed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from feeds.feedgen_mended import MendedEntry
from text.clean import clean

_EMAIL = re.compile(".+@.+")  # what RFC 4287, section 3.2.3, asks of an address


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file that comes with a post: audio, video, an EPUB; `url` is absolute, `length` in bytes."""

    url: str
    content_type: str
    length: int
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Described:
    """All that a feed says of a released post, except its text.

    `id` is an IRI that never changes; `url` the absolute address of the post's page; `published` and `updated` are
    aware; `updated` moves on significant edits only; `summary` is plain text; `language` is a tag as "en" or "pt-BR".
    `series_title` is set in feeds that mix series; the title then begins with it. Without `full_text` the entry has
    its summary only. Of posts published at one instant, the one with the higher `rank` is the newer.
    """

    id: str
    title: str
    url: str
    author_name: str
    author_email: str | None = None
    published: datetime
    updated: datetime
    summary: str
    tags: tuple[str, ...] = ()
    language: str
    series_title: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    full_text: bool = True
    rank: int = 0

    @property
    def shown_title(self) -> str:
        """The title a reader sees, never blank (an untitled post is called by its date), cleaned for XML."""
        title = clean(self.title)
        own = title if title.strip() else self.published.astimezone(UTC).date().isoformat()
        return f"{clean(self.series_title)}: {own}" if self.series_title else own

    @property
    def changed(self) -> datetime:
        """The newest change that readers can know of: never before `published`.

        A post is often written, and last edited, long before its release; a feed must not say so.
        """
        return max(self.updated, self.published)

    @property
    def shown_tags(self) -> list[str]:
        """The tags in their order, cleaned, without blank ones and repetitions."""
        return [tag for tag in dict.fromkeys(map(clean, self.tags)) if tag.strip()]

    @property
    def shown_author(self) -> str:
        """The name of the author, never blank."""
        return shown_name(self.author_name, self.url)


@dataclass(frozen=True, kw_only=True)
class Entry(Described):
    """A released post as its feeds show it; `content_html` is sanitised HTML with absolute addresses."""

    content_html: str


def shown_name(name: str, url: str) -> str:
    """The name in one line, or where it is blank the host of `url`: Atom's authors have names (RFC 4287, 3.2.1)."""
    return " ".join(clean(name).split()) or urlsplit(url).hostname or url


def person(name: str, email: str | None) -> dict[str, str]:
    """Somebody in feedgen's terms; what cannot be an address is left out."""
    return {"name": name, **({"email": email} if email and _EMAIL.fullmatch(clean(email)) else {})}


def feedgen_entry(entry: Entry) -> MendedEntry:
    """The entry in feedgen's terms, for Atom and RSS alike."""
    made = MendedEntry()
    made.language = entry.language
    made.id(entry.id)
    made.title(entry.shown_title)
    made.author(person(entry.shown_author, entry.author_email))
    made.published(entry.published)
    made.updated(entry.changed)
    made.category([{"term": tag} for tag in entry.shown_tags])
    _add_text(made, entry)
    _add_links(made, entry)
    return made


def _add_text(made: MendedEntry, entry: Entry) -> None:
    if entry.summary.strip():
        made.summary(entry.summary, type="text")
    if entry.full_text:
        made.content(entry.content_html, type="html")


def _add_links(made: MendedEntry, entry: Entry) -> None:
    made.link(href=entry.url, rel="alternate", type="text/html", hreflang=entry.language)
    for file in entry.enclosures:
        titled = {"title": file.title} if file.title else {}
        made.link(
            {"href": file.url, "rel": "enclosure", "type": file.content_type, "length": str(file.length), **titled}
        )
