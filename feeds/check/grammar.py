"""The rules of each form, asked of finished documents by parsers that know nothing of what wrote them."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.form import Form

Rule = type | re.Pattern[str]

_ADDRESS = re.compile(r"https?://\S+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HERE = Path(__file__).parent
_GRAMMARS = {form: etree.RelaxNG(file=_HERE / f"{form}.rng") for form in (Form.ATOM, Form.RSS)}
_VERSION = "https://jsonfeed.org/version/1.1"

_FEED: dict[str, Rule] = {
    "version": str, "title": str, "home_page_url": _ADDRESS, "feed_url": _ADDRESS, "items": list,
}  # fmt: skip
_FEED_MORE: dict[str, Rule] = {
    "description": str, "user_comment": str, "icon": _ADDRESS, "favicon": _ADDRESS, "authors": list, "language": str,
    "expired": bool, "hubs": list,
}  # fmt: skip
_ITEM: dict[str, Rule] = {
    "id": str, "url": _ADDRESS, "title": str, "date_published": _MOMENT, "date_modified": _MOMENT,
}  # fmt: skip
_ITEM_MORE: dict[str, Rule] = {
    "content_html": str, "content_text": str, "summary": str, "authors": list, "tags": list, "language": str,
    "attachments": list,
}  # fmt: skip
_ATTACHMENT: dict[str, Rule] = {"url": _ADDRESS, "mime_type": re.compile(".+/.+"), "size_in_bytes": int}


def faults(form: Form, document: bytes) -> list[str]:
    """What is wrong with the document; nothing, when it is as its form wants it.

    Raises ElementTree.ParseError or ValueError for bytes that are no XML or no JSON at all.
    """
    return _json_faults(json.loads(document)) if form is Form.JSON else _xml_faults(form, document)


def _xml_faults(form: Form, document: bytes) -> list[str]:
    ElementTree.fromstring(document)  # noqa: S314 - expat, a second parser; it refuses what is not well-formed
    grammar = _GRAMMARS[form]
    if grammar.validate(etree.fromstring(document, etree.XMLParser(huge_tree=True))):
        return []
    return [f"line {error.line}: {error.message}" for error in grammar.error_log]


def _json_faults(feed: Any) -> list[str]:  # noqa: ANN401 - whatever the document holds
    found = _shape("feed", feed, _FEED, _FEED_MORE)
    if isinstance(feed, dict):
        found += [] if feed.get("version") == _VERSION else ["feed: version"]
        found += _all_of("hub", feed.get("hubs"), {"type": str, "url": _ADDRESS})
        found += _all_of("author", feed.get("authors"), {"name": str})
        found += [fault for item in _list(feed.get("items")) for fault in _item_faults(item)]
    return found


def _item_faults(item: Any) -> list[str]:  # noqa: ANN401
    found = _shape("item", item, _ITEM, _ITEM_MORE)
    if not isinstance(item, dict):
        return found
    found += [] if "content_html" in item or "content_text" in item else ["item: no content"]
    found += _all_of("author", item.get("authors"), {"name": str})
    found += _all_of("attachment", item.get("attachments"), _ATTACHMENT, {"title": str})
    tags = _list(item.get("tags"))
    return found + [f"item: tag {tag!r}" for tag in tags if not (isinstance(tag, str) and tag.strip())]


def _all_of(
    what: str,
    values: Any,  # noqa: ANN401
    needed: Mapping[str, Rule],
    allowed: Mapping[str, Rule] | None = None,
) -> list[str]:
    return [fault for value in _list(values) for fault in _shape(what, value, needed, allowed)]


def _shape(
    what: str,
    value: Any,  # noqa: ANN401
    needed: Mapping[str, Rule],
    allowed: Mapping[str, Rule] | None = None,
) -> list[str]:
    if not isinstance(value, dict):
        return [f"{what}: is {value!r}"]
    rules = {**needed, **(allowed or {})}
    missing = [f"{what}: no {name}" for name in needed if name not in value]
    unknown = [f"{what}: unknown {name}" for name in value if name not in rules]
    return missing + unknown + [f"{what}: {name} is {value[name]!r}" for name in _wrong(value, rules)]


def _wrong(value: Mapping[str, Any], rules: Mapping[str, Rule]) -> Iterable[str]:
    return [name for name in value if name in rules and not _is(value[name], rules[name])]


def _is(value: object, rule: Rule) -> bool:
    if isinstance(rule, re.Pattern):
        return isinstance(value, str) and rule.fullmatch(value) is not None
    return isinstance(value, rule)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
