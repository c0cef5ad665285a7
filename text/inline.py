"""Inline Markdown tokens (a paragraph's content) as plain text."""

from collections.abc import Sequence

from markdown_it.token import Token

from text.formulas import formula_text
from text.links import Links
from text.rawhtml import text_of

_FORMULAS = frozenset({"math_inline", "math_inline_double"})


def inline_text(tokens: Sequence[Token], links: Links) -> str:
    """One line per hard break: links as `text <URL>`, images as `[alt] <URL>`, emphasis as the author marked it."""
    pieces: list[str] = []
    opened: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append((len(pieces), str(token.attrs.get("href", ""))))
        elif token.type == "link_close":
            start, href = opened.pop()
            pieces[start:] = [linked("".join(pieces[start:]), href, links)]
        else:
            pieces.append(_piece(token, links))
    return "".join(pieces)


def alternative(tokens: Sequence[Token]) -> str:
    """The words alone, as an image's `alt` wants them: no marks, no addresses."""
    words = []
    for token in tokens:
        if token.type in _FORMULAS:
            words.append(formula_text(token.content))
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.children:
            words.append(alternative(token.children))
        elif token.type in ("text", "code_inline"):
            words.append(token.content)
    return "".join(words)


def linked(text: str, href: str, links: Links) -> str:
    """`text <URL>`; the URL alone where the text only repeats it, the text alone where the address is refused."""
    url = links.resolve(href)
    if url is None:
        return text
    if text in (url, url.removeprefix("mailto:"), ""):
        return f"<{url.removeprefix('mailto:')}>"
    return f"{text} <{url}>"


def pictured(alt: str, src: str, links: Links) -> str:
    """`[alt] <URL>`, or what is left where the alt is missing or the address is refused."""
    return linked(f"[{alt}]" if alt else "", src, links)


def html_text(html: str, links: Links) -> str:
    """The words of raw HTML, its links and images as those of Markdown."""
    return text_of(
        html, linked=lambda text, url: linked(text, url, links), pictured=lambda alt, url: pictured(alt, url, links)
    )


def _piece(token: Token, links: Links) -> str:
    match token.type:
        case "text":
            return token.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "code_inline":
            return f"{token.markup}{token.content}{token.markup}"
        case "image":
            return pictured(alternative(token.children or []), str(token.attrs.get("src", "")), links)
        case "footnote_ref":
            return f"[{token.meta['id'] + 1}]"
        case "html_inline":
            return html_text(token.content, links)
        case kind if kind in _FORMULAS:
            return formula_text(token.content)
        case _:
            return token.markup if token.type.endswith(("_open", "_close")) else ""
