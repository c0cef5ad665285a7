"""The rules of each form, asked of finished documents by parsers that know nothing of what wrote them."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

from lxml import etree

from feeds.form import Form

_ADDRESS = re.compile(r"https?://\S+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HERE = Path(__file__).parent
_GRAMMARS = {form: etree.RelaxNG(file=_HERE / f"{form}.rng") for form in (Form.ATOM, Form.RSS)}

_FEED = {"version": str, "title": str, "home_page_url": _ADDRESS, "feed_url": _ADDRESS, "items": list}
_FEED_MORE = {
    "description": str, "user_comment": str, "icon": _ADDRESS, "favicon": _ADDRESS, "authors": list, "language": str,
    "expired": bool, "hubs": list,
}  # fmt: skip
_ITEM = {"id": str, "url": _ADDRESS, "title": str, "date_published": _MOMENT, "date_modified": _MOMENT}
_ITEM_MORE = {
    "content_html": str, "content_text": str, "summary": str, "authors": list, "tags": list, "language": str,
    "attachments": list,
}  # fmt: skip
_ATTACHMENT = {"url": _ADDRESS, "mime_type": re.compile(".+/.+"), "size_in_bytes": int}


def faults(form: Form, document: bytes) -> list[str]:
    """What is wrong with the document; nothing, when it is as its form wants it."""
    return _json_faults(json.loads(document)) if form is Form.JSON else _xml_faults(form, document)


def _xml_faults(form: Form, document: bytes) -> list[str]:
    ElementTree.fromstring(document)  # expat: a second parser that refuses what is not well-formed
    grammar = _GRAMMARS[form]
    grammar.validate(etree.fromstring(document))
    return [f"line {error.line}: {error.message}" for error in grammar.error_log]


def _json_faults(feed: dict) -> list[str]:
    found = _shape("feed", feed, _FEED, _FEED_MORE)
    found += [] if feed["version"] == "https://jsonfeed.org/version/1.1" else ["feed: version"]
    for hub in feed.get("hubs", []):
        found += _shape("hub", hub, {"type": str, "url": _ADDRESS})
    for author in feed.get("authors", []):
        found += _shape("author", author, {"name": str})
    for item in feed["items"]:
        found += _item_faults(item)
    return found


def _item_faults(item: dict) -> list[str]:
    found = _shape("item", item, _ITEM, _ITEM_MORE)
    found += [] if "content_html" in item or "content_text" in item else ["item: no content"]
    for author in item.get("authors", []):
        found += _shape("author", author, {"name": str})
    for file in item.get("attachments", []):
        found += _shape("attachment", file, _ATTACHMENT, {"title": str})
    return found + [f"item: tag {tag!r}" for tag in item.get("tags", []) if not (isinstance(tag, str) and tag.strip())]


def _shape(what: str, value: dict, needed: dict, allowed: dict | None = None) -> list[str]:
    rules = {**needed, **(allowed or {})}
    missing = [f"{what}: no {name}" for name in needed if name not in value]
    unknown = [f"{what}: unknown {name}" for name in value if name not in rules]
    wrong = [
        f"{what}: {name} is {value[name]!r}" for name in value if name in rules and not _is(value[name], rules[name])
    ]
    return missing + unknown + wrong


def _is(value: object, rule: object) -> bool:
    if isinstance(rule, re.Pattern):
        return isinstance(value, str) and rule.fullmatch(value) is not None
    return isinstance(value, rule)
