"""What lies in the storage beside feeds: twins, the style sheet, the list of feeds, what is left over."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.check.archives import Placed
from feeds.check.finding import Found
from feeds.check.model import Model
from feeds.check.tree import parsed
from feeds.opml import Outline
from feeds.storage import Stored
from feeds.storage.twins import twin_of
from feeds.style import style

_OURS = re.compile(r"(?:[^/]+|tag/[^/]+)/feed\.(?:atom|rss|json)|[^/]+/archive/\d+/\d+\.atom")


def the_twin_belongs(path: str, stored: Stored) -> Iterator[Found]:
    """Web servers that show twins do not look whether they belong."""
    if stored.gzipped is None:
        if twin_of(stored.body) is not None:
            yield Found("twin", f"{path}.gz is missing or is of another version: some readers get another document")
    elif not _holds(stored.gzipped, stored.body):
        yield Found("twin", f"{path}.gz is damaged: readers that accept gzip get nothing")


def the_style_is_ours(stored: Stored) -> Iterator[Found]:
    if stored.body != style():
        yield Found("style-differs", "it is not the style sheet of this version")


def all_series_are_listed(model: Model, document: bytes) -> Iterator[Found]:
    """The list of feeds that readers import."""
    try:
        listed = [one.attrib for one in parsed(document).iter("outline")]
    except etree.XMLSyntaxError as error:
        yield Found("not-well-formed", f"no program can read it: {error.msg}")
        return
    feeds = [one.get("xmlUrl", "") for one in listed]
    meant = {one.feed_url: one for one in model.outlines}
    for url, outline in meant.items():
        if url not in feeds:
            yield Found("list-missing", f"“{outline.title}” is not in the list: who imports it does not get {url}")
    for one in listed:
        url = one.get("xmlUrl", "")
        if url not in meant or feeds.count(url) > 1:
            yield Found("list-extra", f"{url or 'an outline without an address'} is in the list, and should not be")
        elif not _as_listed(meant[url], one):
            yield Found("list-differs", f"{url}: its title or its page are not those of the series")


def nothing_is_left_over(model: Model, paths: Iterable[str]) -> Iterator[Placed]:
    for path in paths:
        if path not in model.documents and _OURS.fullmatch(path):
            yield path, Found("left-over", _why(model, path))


def _why(model: Model, path: str) -> str:
    slug = path.partition("/")[0]
    if "/archive/" in path and slug not in model.former:
        return "it is no archive of any series now: readers that follow it see chapters twice"
    if slug not in model.former:
        return "no feed belongs here: its readers wait for ever"
    following = model.former[slug]
    told = f"the series is {following} now" if following else "the series is retired"
    return f"{told}: its readers see this instead of being led on, and wait for ever"


def _holds(twin: bytes, body: bytes) -> bool:
    try:
        return gzip.decompress(twin) == body
    except (OSError, EOFError, zlib.error):
        return False


def _as_listed(meant: Outline, one: "etree._Attrib") -> bool:
    title = meant.title if meant.title.strip() else meant.page_url
    return bool(one.get("text") == title and one.get("htmlUrl") == meant.page_url and one.get("type") == "rss")
