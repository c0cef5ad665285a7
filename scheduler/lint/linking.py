"""Which posts a body links to."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from text.addresses import RESERVED_POST_SLUGS, RESERVED_SERIES_SLUGS, check_slug
from text.markdown import Links, page_html

# Each finds every link of its kind, and things in code that only look like one.
_INLINE = re.compile(r"\]\(\s*<?([^\s<>()\[\]]*)")
_REFERENCE = re.compile(r"\]:\s*<?([^\s<>]+)")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)
_HTML = re.compile(r"href\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_PLAIN = re.compile(r"(?<!!)\[[^\[\]\n]*\]\(([^\s()]*)\)")
# Code, HTML, escapes, formulas, definitions: what makes a link of something else, or something else of a link.
_NOT_PLAIN = ("`", "~~~", "<", "\\", "$", "&", "\t", "    ", "]:")
_RENDERED = re.compile(r'href="([^"]*)"')


class Target(NamedTuple):
    """An address of the shape of a post's. `rest` is what stands after it, where nothing ever is."""

    series: str
    post: str
    rest: str = ""

    def __str__(self) -> str:
        return f"/{self.series}/{self.post}/{self.rest}"


def candidates(body: str, *, page: str, site: str) -> frozenset[Target]:
    """Targets of all links of a Markdown text, and perhaps of some in code; quick, as nothing is parsed.

    `page` is the absolute address of the text's own page, `site` that of the site.
    """
    return frozenset(_targets(set(_written(body)), page=page, site=site))


def confirmed(body: str, *, page: str, site: str) -> frozenset[Target]:
    """Targets of the links that readers will see."""
    plain = _PLAIN.findall(body)
    # Where nothing can hide a link, rendering would find the same, thirty times as slowly.
    if len(plain) != body.count("](") or any(sign in body for sign in _NOT_PLAIN):
        rendered = page_html(body, Links(page, {}))
        plain = [html.unescape(address) for address in _RENDERED.findall(rendered)]
    return frozenset(_targets(plain, page=page, site=site))


def _written(body: str) -> Iterator[str]:
    if "](" in body:
        yield from _INLINE.findall(body)
    if "]:" in body:
        yield from _REFERENCE.findall(body)
    if "<" in body:
        yield from _AUTOLINK.findall(body)
        yield from _HTML.findall(body)


def _targets(addresses: Iterable[str], *, page: str, site: str) -> Iterator[Target]:
    for address in addresses:
        if not address.startswith("#"):
            target = _target(address, page, site)
            if target is not None:
                yield target


def _target(address: str, page: str, site: str) -> Target | None:
    """None for what leads elsewhere, to a file, or to a page of the site that is no post's."""
    try:
        absolute, home = urlsplit(urljoin(page, address)), urlsplit(site)
    except ValueError:
        return None
    root = f"{home.path.rstrip('/')}/"
    if absolute.scheme not in ("http", "https") or absolute.netloc.lower() != home.netloc.lower():
        return None
    if not absolute.path.startswith(root):
        return None
    return _of_segments(unquote(absolute.path.removeprefix(root)).removesuffix("/").split("/"))


def _of_segments(segments: list[str]) -> Target | None:
    if len(segments) < 2:
        return None
    series, post, *rest = segments
    reserved = (RESERVED_SERIES_SLUGS, RESERVED_POST_SLUGS, *(frozenset[str]() for _ in rest))
    if any(check_slug(segment, words) for segment, words in zip(segments, reserved, strict=True)):
        return None
    return Target(series, post, "/".join([*rest, ""]) if rest else "")
