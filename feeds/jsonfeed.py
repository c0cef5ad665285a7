"""JSON Feed 1.1: an item, and the frame of a feed. See https://www.jsonfeed.org/version/1.1/."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from feeds.entry import Enclosure, Entry, shown_name
from feeds.feed import Frame
from feeds.feedgen_mended import cleaned
from feeds.form import Form
from feeds.head import Deleted, Head
from feeds.moments import rfc3339

VERSION = "https://jsonfeed.org/version/1.1"

_COMMENT = "This is a feed. Give its address to a feed reader, and what is new comes to you: "


def json_fragment(entry: Entry) -> bytes:
    """One object of `items`, in a single line without its end."""
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.shown_title,
        **_content(entry),
        "summary": entry.summary if entry.summary.strip() else None,
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.changed),
        "authors": [{"name": entry.shown_author}],
        "tags": entry.shown_tags,
        "language": entry.language,
        "attachments": [_attachment(file) for file in entry.enclosures],
    }
    return _encoded(item)


def json_frame(head: Head, _updated: datetime, _deleted: Sequence[Deleted]) -> Frame:
    """The feed around its items; this form has no word for a feed's own date, nor for tombstones and archives."""
    own = head.urls[Form.JSON]
    members = {
        "version": VERSION,
        "title": head.shown_title,
        "home_page_url": head.alternate,
        "feed_url": own,
        "description": head.subtitle,
        "user_comment": f"{_COMMENT}{own}",
        "icon": head.logo or head.icon,
        "favicon": head.icon,
        "authors": [{"name": shown_name(head.author_name, head.alternate)}],
        "language": head.language,
        "hubs": [{"type": "WebSub", "url": head.hub}] if head.hub else None,
        "expired": head.ended or None,
    }
    return Frame(_encoded(members).removesuffix(b"}") + b',"items":[\n', b",\n", b"\n]}\n")


def _content(entry: Entry) -> dict[str, str]:
    # Either content_html or content_text must be there.
    if entry.full_text:
        return {"content_html": entry.content_html}
    return {"content_text": entry.summary if entry.summary.strip() else entry.shown_title}


def _attachment(file: Enclosure) -> dict[str, object]:
    told = {"url": file.url, "mime_type": file.content_type, "title": file.title, "size_in_bytes": file.length}
    return _without_nothing(told)


def _encoded(members: Mapping[str, Any]) -> bytes:
    # Cleaned as the other forms are, though JSON could carry more: all three say the same, ids above all.
    said = cleaned(_without_nothing(members))
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _without_nothing(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value != []}
