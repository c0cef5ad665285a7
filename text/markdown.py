"""One Markdown text in the four shapes its readers meet: page, feed, letter, plain text."""

import hashlib

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from text.clean import clean
from text.code import code_css
from text.form import Form
from text.links import Links
from text.plain import plain_blocks
from text.renderer import Renderer
from text.sanitise import sanitise

__all__ = ["Links", "code_css", "feed_html", "letter_html", "page_html", "plain_text"]


def page_html(source: str, links: Links) -> str:
    """HTML for our own pages: code with the classes that `code_css` colours, MathML, footnotes that link within."""
    return _html(source, links, Form.PAGE)


def feed_html(source: str, links: Links) -> str:
    """HTML that stands alone in a feed reader: inline styles, MathML with LaTeX as fall-back, absolute addresses."""
    return _html(source, links, Form.FEED)


def letter_html(source: str, links: Links) -> str:
    """HTML for mail programs: inline styles and no classes, formulas in plain notation, absolute addresses."""
    return _html(source, links, Form.LETTER)


def plain_text(source: str, links: Links) -> str:
    """Plain text made from the Markdown itself, prose wrapped at 72; ends with one line end, unless it is empty."""
    text = clean(plain_blocks(_tokens(_parser(), clean(source)), links)).strip("\n")
    return f"{text}\n" if text else ""


def _html(source: str, links: Links, form: Form) -> str:
    text = clean(source)
    parser = _parser()
    # No text can contain its own hash, so an author cannot write what looks like one of the renderer's marks.
    renderer = Renderer(form, hashlib.sha256(text.encode()).hexdigest())
    html = renderer.render(_tokens(parser, text), parser.options, {})
    return clean(renderer.restored(sanitise(html, links, form)))


def _tokens(parser: MarkdownIt, text: str) -> list[Token]:
    return parser.parse(text, {})


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)
    # Without spaces inside the dollar signs and digits around them, "$5 and $6" stays money.
    return parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
