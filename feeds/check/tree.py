"""XML as values: what two documents have in common when they say the same."""

import re

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

_FEED = b'<feed xmlns="http://www.w3.org/2005/Atom">%b</feed>'
_SPACE = " \t\r\n"  # of XML; a space that does not break is text
_STYLE = re.compile(r'type="text/css"\s+href="([^"]*)"')


def parsed(document: bytes) -> "etree._Element":
    """The root. Nothing outside the document is read; etree.XMLSyntaxError where it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(document, parser)


def shape(element: "etree._Element", *leaving_out: str) -> object:
    """Names, attributes, texts and children of an element, as nested tuples.

    Left out are comments, instructions, the order of attributes, prefixes, and the space between elements; and the
    children of the names given.
    """
    children = [child for child in element if isinstance(child.tag, str) and child.tag not in leaving_out]
    text = _text(element.text, mixed=len(element) > 0)
    return element.tag, tuple(sorted(element.attrib.items())), text, tuple(map(_with_tail, children))


def fragment_shape(entry: bytes) -> object:
    """The shape of an encoded Atom entry, as it would be within its feed."""
    return shape(parsed(_FEED % entry)[0])


def text_of(element: "etree._Element", path: str) -> str | None:
    """The text of the first element there; "" for an empty one, None where there is none."""
    found = element.find(path)
    return None if found is None else "".join(found.itertext())


def stylesheet(root: "etree._Element") -> str | None:
    """What the document is shown with in a browser."""
    before = root.itersiblings(preceding=True)
    found = (_STYLE.search(one.text or "") for one in before if getattr(one, "target", None) == "xml-stylesheet")
    return next((match[1] for match in found if match), None)


def _with_tail(child: "etree._Element") -> object:
    return shape(child), _text(child.tail, mixed=True)


def _text(text: str | None, *, mixed: bool) -> str:
    return "" if mixed and not (text or "").strip(_SPACE) else text or ""
