"""Cutting HTML between two of its blocks, for places that hold only so much."""

from html.parser import HTMLParser

# They have no end tag (HTML, 13.1.2).
_VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"])


def cut_html(html: str, room: int) -> str:
    """As many of the outermost blocks of well-formed HTML as fit into `room` bytes of UTF-8; at least none."""
    if len(html.encode()) <= room:
        return html
    blocks = _Blocks(html)
    fitting = (end for end in reversed(blocks.ends) if len(html[:end].encode()) <= room)
    return html[: next(fitting, 0)]


class _Blocks(HTMLParser):
    """Finds where the outermost elements end, as offsets into the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.ends: list[int] = []
        self._depth = 0
        self._closed = False
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the base
        self._note_end()
        if tag not in _VOID:
            self._depth += 1

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the base
        self._note_end()

    def handle_endtag(self, tag: str) -> None:
        self._note_end()
        if tag not in _VOID:
            self._depth -= 1
            self._closed = self._depth == 0

    def handle_data(self, data: str) -> None:  # noqa: ARG002 - as the base
        self._note_end()

    def _note_end(self) -> None:
        """An outermost element that was closed ends where what comes after it begins."""
        if self._closed:
            line, column = self.getpos()
            self.ends.append(self._lines[line - 1] + column)
        self._closed = False
