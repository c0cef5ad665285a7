"""What both of feedgen's documents need of lxml."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.moments import rfc3339

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
CREATOR = f"{{{DUBLIN_CORE}}}creator"
RSS_NAMESPACES = {"atom": ATOM, "content": "http://purl.org/rss/1.0/modules/content/", "dc": DUBLIN_CORE}
"""What every RSS document declares at its root, so that items need not."""

_LINK_ATTRIBUTES = ("rel", "type", "hreflang", "title", "length")


def rss_titles(document: bytes) -> bytes:
    """The document with & and < in titles as the RSS profile advises: as hexadecimal references."""
    return re.sub(rb"<title>.*?</title>", _by_number, document, flags=re.DOTALL)


def set_attributes(element: "etree._Element", link: Mapping[str, Any]) -> None:
    for name in _LINK_ATTRIBUTES:
        if link.get(name):
            element.set(name, str(link[name]))


def set_date(parent: "etree._Element", name: str, instant: datetime | None) -> None:
    if instant is not None:
        set_text(parent, name, rfc3339(instant))


def set_text(parent: "etree._Element", name: str, text: str) -> None:
    element = parent.find(name)
    if element is not None:
        element.text = text


def text_element(name: str, text: str) -> "etree._Element":
    element = etree.Element(name)
    element.text = text
    return element


def _by_number(title: "re.Match[bytes]") -> bytes:
    return title[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
