"""Reads JSON Feed 1.1; where a value is of another kind than it should be, it is as if it were not there."""

import json
from typing import Any

from feeds.check.seen import SeenEntry, SeenFeed, SeenLink
from feeds.form import Form


def read_json(document: bytes) -> SeenFeed:
    feed = json.loads(document)
    if not isinstance(feed, dict):
        raise ValueError("there is no object")
    told = [("self", feed.get("feed_url")), ("alternate", feed.get("home_page_url"))]
    told += [("hub", hub.get("url")) for hub in _objects(feed.get("hubs"))]
    return SeenFeed(
        form=Form.JSON,
        id=None,
        title=_text(feed.get("title")),
        updated=None,
        links=tuple(SeenLink(href=href, rel=rel) for rel, href in told if isinstance(href, str)),
        authors=_names(feed.get("authors")),
        language=_text(feed.get("language")),
        entries=tuple(map(_json_entry, _objects(feed.get("items")))),
        deleted={},
        complete=False,
        archive=False,
        stylesheet=None,
        shape={name: value for name, value in feed.items() if name != "items"},
    )


def _json_entry(item: dict[str, Any]) -> SeenEntry:
    page, content = _text(item.get("url")), item.get("content_html", item.get("content_text"))
    return SeenEntry(
        id=_text(item.get("id")),
        title=_text(item.get("title")),
        links=(*([SeenLink(href=page)] if page is not None else []), *map(_file, _objects(item.get("attachments")))),
        authors=_names(item.get("authors")),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        summary=_text(item.get("summary")),
        content=_text(content),
        tags=_texts(item.get("tags")),
        language=_text(item.get("language")),
        shape=item,
    )


def _file(attachment: dict[str, Any]) -> SeenLink:
    length = attachment.get("size_in_bytes")
    return SeenLink(
        href=_text(attachment.get("url")) or "",
        rel="enclosure",
        type=_text(attachment.get("mime_type")),
        length=None if length is None else str(length),
    )


def _objects(values: object) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _names(authors: object) -> tuple[str, ...]:
    return tuple(author["name"] for author in _objects(authors) if isinstance(author.get("name"), str))


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
