"""Documents as readers see them: read by two parsers each into the same plain values."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape

import feedparser
from lxml import etree

from feeds.form import Form

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True)
class Seen:
    """An entry as a reader has it. RSS tells no `updated`."""

    id: str
    title: str
    url: str
    author: str
    published: datetime
    updated: datetime | None
    summary: str | None
    content: str | None
    tags: tuple[str, ...]
    language: str


def seen(form: Form, document: bytes) -> list[Seen]:
    """Read from the tree itself, as the form's own text says."""
    if form is Form.JSON:
        return [_of_item(item) for item in json.loads(document)["items"]]
    root = etree.fromstring(document)
    if form is Form.ATOM:
        return [_of_atom(entry) for entry in root.iter(f"{ATOM}entry")]
    return [_of_rss(item) for item in root.iter("item")]


def seen_by_feedparser(document: bytes) -> list[Seen]:
    """Read by the parser that most programs in Python use; fails for a document it has to repair."""
    parsed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.bozo_exception
    return [_of_feedparser(entry) for entry in parsed.entries]


def _of_atom(entry):
    return Seen(
        id=entry.findtext(f"{ATOM}id"),
        title=entry.findtext(f"{ATOM}title"),
        url=next(link.get("href") for link in entry.iter(f"{ATOM}link") if link.get("rel") == "alternate"),
        author=entry.findtext(f"{ATOM}author/{ATOM}name"),
        published=datetime.fromisoformat(entry.findtext(f"{ATOM}published")),
        updated=datetime.fromisoformat(entry.findtext(f"{ATOM}updated")),
        summary=entry.findtext(f"{ATOM}summary"),
        content=entry.findtext(f"{ATOM}content"),
        tags=tuple(category.get("term") for category in entry.iter(f"{ATOM}category")),
        language=entry.get(LANG),
    )


def _of_rss(item):
    encoded, description = item.findtext(CONTENT), item.findtext("description")
    return Seen(
        id=item.findtext("guid"),
        title=item.findtext("title"),
        url=item.findtext("link"),
        author=item.findtext(CREATOR),
        published=parsedate_to_datetime(item.findtext("pubDate")),
        updated=None,
        summary=unescape(description) if description is not None else None,
        content=encoded,
        tags=tuple(category.text for category in item.iter("category")),
        language=item.get(LANG),
    )


def _of_item(item):
    return Seen(
        id=item["id"],
        title=item["title"],
        url=item["url"],
        author=item["authors"][0]["name"],
        published=datetime.fromisoformat(item["date_published"]),
        updated=datetime.fromisoformat(item["date_modified"]),
        summary=item.get("summary"),
        content=item.get("content_html"),
        tags=tuple(item.get("tags", ())),
        language=item["language"],
    )


def _of_feedparser(entry):
    return Seen(
        id=entry.id,
        title=entry.title,
        url=entry.link,
        author=entry.author_detail.name if "author_detail" in entry else entry.author,
        published=_moment(entry.published_parsed),
        updated=_moment(dict.get(entry, "updated_parsed")),  # its own get would make one of the publication
        summary=unescape(entry.summary) if "summary" in entry else None,
        content=entry.content[0].value if "content" in entry else None,
        tags=tuple(tag.term for tag in entry.get("tags", ())),
        language=entry.title_detail.language,
    )


def _moment(parsed):
    return datetime(*parsed[:6], tzinfo=UTC) if parsed else None
