"""One post as an entry of a feed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.feedgen_mended import MendedEntry
from text.clean import clean


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A released post as its feeds show it.

    `id` is an IRI that never changes; `url` the absolute address of the post's page; `published` and `updated` are
    aware; `summary` is plain text and `content_html` sanitised HTML with absolute addresses; `language` is a tag as
    "en" or "pt-BR". `series_title` is set in feeds that mix series; the title then begins with it.
    """

    id: str
    title: str
    url: str
    author_name: str
    author_email: str | None = None
    published: datetime
    updated: datetime
    summary: str
    content_html: str
    tags: tuple[str, ...] = ()
    language: str
    series_title: str | None = None

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


def newest_first(entry: Entry) -> tuple[datetime, str]:
    """The key to sort by, reversed; among posts of one instant the id decides, so that the order never changes."""
    return entry.published, entry.id


def feedgen_entry(entry: Entry, feed_language: str) -> MendedEntry:
    """The entry in feedgen's terms, for Atom and RSS alike; names its language where it differs from the feed's."""
    made = MendedEntry()
    made.id(entry.id)
    made.title(entry.shown_title)
    made.link(href=entry.url, rel="alternate", type="text/html")
    made.author(_author(entry.author_name, entry.author_email))
    made.published(entry.published)
    made.updated(entry.changed)
    if entry.summary.strip():
        made.summary(entry.summary, type="text")
    made.content(entry.content_html, type="html")
    made.category([{"term": tag} for tag in dict.fromkeys(entry.tags) if tag.strip()])
    made.language = entry.language if entry.language != feed_language else None
    return made


def _author(name: str, email: str | None) -> dict[str, str]:
    return {"name": name, **({"email": email} if email else {})}
