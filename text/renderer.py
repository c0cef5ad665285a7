"""From Markdown tokens to HTML of one form."""

import re
from collections.abc import Callable, Sequence

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from text.code import code_html
from text.form import Form
from text.formulas import formula_html
from text.inline import alternative


class Renderer(RendererHTML):
    """Renders one text once. Code and formulas, which we make ourselves, are kept aside from the sanitiser.

    `render` yields HTML with a mark in the place of each kept part; `restored` puts the parts back. `key` is part of
    each mark: text that the author could not have written.
    """

    def __init__(self, form: Form, key: str) -> None:
        super().__init__()
        self._form = form
        self._key = key
        self._kept: list[str] = []
        self.rules.update({name: _rule(write) for name, write in self._writers().items()})  # type: ignore[misc]  # any callable serves

    def restored(self, html: str) -> str:
        """The HTML with every mark replaced by the part it stands for."""
        marks = rf"<pre>{self._key}-(\d+)-</pre>|{self._key}-(\d+)-"
        return re.sub(marks, lambda mark: self._kept[int(mark[1] or mark[2])], html)

    def _writers(self) -> dict[str, Callable[[Token], str]]:
        return {
            "fence": self._fence, "code_block": self._code_block, "image": self._image,
            "math_inline": self._math_inline, "math_inline_double": self._math_inline, "math_block": self._math_block,
            "th_open": self._cell, "td_open": self._cell,
            "footnote_ref": self._footnote_ref, "footnote_anchor": self._footnote_anchor,
            "footnote_open": lambda note: f'<li id="fn{note.meta["id"] + 1}">',
            "footnote_close": lambda _note: "</li>\n",
            "footnote_block_open": lambda _block: '<hr>\n<section class="footnotes">\n<ol>\n',
            "footnote_block_close": lambda _block: "</ol>\n</section>\n",
        }  # fmt: skip

    def _fence(self, token: Token) -> str:
        language = token.info.split()[0] if token.info.strip() else ""
        return self._keep_block(code_html(token.content, language, self._form))

    def _code_block(self, token: Token) -> str:
        return self._keep_block(code_html(token.content, "", self._form))

    def _math_inline(self, token: Token) -> str:
        return self._keep(formula_html(token.content, self._form, display=False))

    def _math_block(self, token: Token) -> str:
        return self._keep_block(formula_html(token.content, self._form, display=True))

    def _image(self, token: Token) -> str:
        alt = alternative(token.children or [])
        title = f' title="{escapeHtml(str(token.attrs["title"]))}"' if "title" in token.attrs else ""
        return f'<img src="{escapeHtml(str(token.attrs["src"]))}" alt="{escapeHtml(alt)}"{title}>'

    def _footnote_ref(self, token: Token) -> str:
        number, again = token.meta["id"] + 1, _again(token)
        return f'<sup class="footnote-ref"><a href="#fn{number}" id="fnref{number}{again}">[{number}]</a></sup>'

    def _footnote_anchor(self, token: Token) -> str:
        number, again = token.meta["id"] + 1, _again(token)
        # U+FE0E asks for the arrow as text; some systems draw it as a coloured picture.
        return f' <a href="#fnref{number}{again}" class="footnote-back">↩\ufe0e</a>'

    def _keep(self, html: str) -> str:
        self._kept.append(html)
        return f"{self._key}-{len(self._kept) - 1}-"

    def _keep_block(self, html: str) -> str:
        # The sanitiser sees an element of the same kind, so it closes a paragraph before it as it would for the part.
        return f"<pre>{self._keep(html)}</pre>\n"

    def _cell(self, token: Token) -> str:
        # `align` works in mail programs and under a policy without inline styles; `style` does not under the latter.
        side = str(token.attrs.get("style", "")).removeprefix("text-align:")
        return f'<{token.tag} align="{side}">' if side else f"<{token.tag}>"


def _rule(write: Callable[[Token], str]) -> Callable[..., str]:
    """What the renderer calls, with the list of tokens, an index into it, and options that no writer here needs."""

    def written(tokens: Sequence[Token], at: int, *_options: object) -> str:
        return write(tokens[at])

    return written


def _again(token: Token) -> str:
    return f"-{token.meta['subId']}" if token.meta.get("subId", 0) > 0 else ""
