"""Markdown tokens as plain text, for the text part of letters."""

import textwrap
from collections.abc import Callable, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from text.columns import columns, width
from text.formulas import formula_text
from text.inline import html_text, inline_text
from text.links import Links

LINE = 72
_NARROWEST = 20
_INDENT = "    "


def plain_blocks(tokens: Sequence[Token], links: Links) -> str:
    """The text, its blocks one blank line apart, lines of prose at most 72 characters, no line end at the end."""
    return _Writer(links).blocks(SyntaxTreeNode(tokens).children, LINE)


class _Writer:
    """Each method takes a node and the room its lines have, and yields the lines as one string."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._writers: dict[str, Callable[[SyntaxTreeNode, int], str]] = {
            "heading": self._heading, "paragraph": self._paragraph, "inline": self._inline, "table": self._table,
            "bullet_list": self._list, "ordered_list": self._list, "blockquote": self._quote,
            "footnote_block": self._footnotes, "fence": self._code, "code_block": self._code,
            "math_block": self._formula, "html_block": self._html, "hr": self._rule,
        }  # fmt: skip

    def blocks(self, nodes: Sequence[SyntaxTreeNode], room: int, between: str = "\n\n") -> str:
        written = (self._writers[node.type](node, room) for node in nodes if node.type in self._writers)
        return between.join(block for block in written if block)

    def _heading(self, node: SyntaxTreeNode, room: int) -> str:
        text = self._inline(node.children[0], room) if node.children else ""
        sign = {"h1": "=", "h2": "-"}.get(node.tag)
        underline = sign * min(room, max(map(width, text.split("\n")))) if sign and text else ""
        return f"{text}\n{underline}" if underline else text

    def _paragraph(self, node: SyntaxTreeNode, room: int) -> str:
        return self.blocks(node.children, room, "\n")

    def _inline(self, node: SyntaxTreeNode, room: int) -> str:
        return _wrapped(inline_text(node.token.children or [], self._links) if node.token else "", room)

    def _list(self, node: SyntaxTreeNode, room: int) -> str:
        first = int(str(node.attrs.get("start", 1)))
        ordered = node.type == "ordered_list"
        marks = [f"{first + at}. " if ordered else "- " for at in range(len(node.children))]
        apart = "\n" if _tight(node) else "\n\n"
        items = zip(marks, node.children, strict=True)
        return apart.join(self._item(mark, item.children, room, apart) for mark, item in items)

    def _item(self, mark: str, nodes: Sequence[SyntaxTreeNode], room: int, between: str = "\n\n") -> str:
        text = self.blocks(nodes, max(_NARROWEST, room - len(mark)), between)
        return (mark + textwrap.indent(text, " " * len(mark))[len(mark) :]).rstrip()

    def _quote(self, node: SyntaxTreeNode, room: int) -> str:
        text = self.blocks(node.children, max(_NARROWEST, room - 2))
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""

    def _footnotes(self, node: SyntaxTreeNode, room: int) -> str:
        notes = (self._item(f"[{note.meta['id'] + 1}] ", note.children, room) for note in node.children)
        return "\n".join([self._rule(node, room), *notes])

    def _code(self, node: SyntaxTreeNode, _room: int) -> str:
        return textwrap.indent(node.content.rstrip("\n"), _INDENT)

    def _formula(self, node: SyntaxTreeNode, _room: int) -> str:
        return _INDENT + formula_text(node.content)

    def _html(self, node: SyntaxTreeNode, room: int) -> str:
        text = html_text(node.content, self._links)
        lines = (" ".join(line.split()) for line in text.split("\n"))
        return _wrapped("\n".join(line for line in lines if line), room)

    def _rule(self, _node: SyntaxTreeNode, _room: int) -> str:
        return "* * *"

    def _table(self, node: SyntaxTreeNode, _room: int) -> str:
        rows = [row for part in node.children for row in part.children]
        head = rows[0].children
        sides = [str(cell.attrs.get("style", "")).removeprefix("text-align:") or "left" for cell in head]
        return columns([[self._cell(cell) for cell in row.children] for row in rows], sides)

    def _cell(self, cell: SyntaxTreeNode) -> str:
        inner = (inline_text(child.token.children or [], self._links) for child in cell.children if child.token)
        return " ".join(" ".join(inner).split())


def _tight(node: SyntaxTreeNode) -> bool:
    paragraphs = [child for item in node.children for child in item.children if child.type == "paragraph"]
    return all(paragraph.hidden for paragraph in paragraphs)


def _wrapped(text: str, room: int) -> str:
    # A URL must survive a mail program's search for links, so it is never cut, however long.
    lines = text.strip("\n").split("\n")
    return "\n".join(textwrap.fill(line, room, break_long_words=False, break_on_hyphens=False) for line in lines)
