"""The words of an author's raw HTML, for plain text."""

from collections.abc import Callable
from html.parser import HTMLParser

Write = Callable[[str, str], str]

_BREAKS = frozenset({
    "address", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5",
    "h6", "li", "ol", "p", "pre", "table", "tr", "ul",
})  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "annotation"})


def text_of(html: str, *, linked: Write, pictured: Write) -> str:
    """The text between the tags, block tags as line ends.

    Links are what `linked(text, address)` returns, images what `pictured(alt, address)` returns.
    """
    reader = _Reader(linked, pictured)
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self, linked: Write, pictured: Write) -> None:
        super().__init__(convert_charrefs=True)
        self._linked = linked
        self._pictured = pictured
        self._pieces: list[str] = []
        self._links: list[tuple[int, str]] = []
        self._silent = 0

    def text(self) -> str:
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img" and values.get("src"):
            self._pieces.append(self._pictured(values.get("alt", ""), values["src"]))
        elif tag == "a" and values.get("href"):
            self._links.append((len(self._pieces), values["href"]))
        elif tag in _BREAKS:
            self._pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            start, href = self._links.pop()
            self._pieces[start:] = [self._linked("".join(self._pieces[start:]), href)]
        elif tag in _BREAKS:
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._pieces.append(data)
