"""The HTML of entries: what readers refuse, take out, or run."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import urlsplit

from feeds.check.finding import Found
from feeds.check.rule import Look

_RUNS = frozenset({"script", "style", "iframe", "frame", "object", "embed", "applet", "base", "meta", "link"})
_ASKS = frozenset({"form", "input", "button", "select", "textarea"})
_ADDRESSES = frozenset({"href", "src", "poster", "cite", "data", "action"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def content_is_harmless(look: Look) -> Iterator[Found]:
    """Scripts, forms and frames; readers take out the whole entry, or run them."""
    for one in look.seen.entries:
        for what in _markup(one.content).harmful:
            yield Found("content-unsafe", f"{one.called} has {what}: readers take it out, or run it", one.id)


def addresses_within_are_absolute(look: Look) -> Iterator[Found]:
    for one in look.seen.entries:
        for href in _markup(one.content).relative:
            words = f"{one.called} points to {href!r} in its text, nowhere for a reader"
            yield Found("address-relative", words, one.id)


def _markup(content: str | None) -> "_Markup":
    found = _Markup()
    found.feed(content or "")
    found.close()
    return found


class _Markup(HTMLParser):
    """Notes what is harmful and what is relative, each once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harmful: dict[str, None] = {}
        self.relative: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _RUNS | _ASKS:
            self.harmful[f"a <{tag}>"] = None
        for name, value in attrs:
            if name.startswith("on"):
                self.harmful[f"an attribute {name}"] = None
            elif name in _ADDRESSES:
                self._note_address(value or "")

    def _note_address(self, value: str) -> None:
        try:
            parts = urlsplit(value.strip())
        except ValueError:
            self.relative[value] = None
            return
        if not parts.scheme:
            self.relative[value] = None
        elif parts.scheme not in _SCHEMES:
            self.harmful[f"an address of the scheme {parts.scheme}:"] = None
