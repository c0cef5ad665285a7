"""Source code in colours: by classes for our pages, by inline styles for feeds and letters."""

from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from text.form import Form

_LIGHT = "xcode"
_DARK = "github-dark"
_PRE_STYLE = (
    "background:#f6f8fa;color:#1f2328;padding:12px;overflow-x:auto;"
    "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px;line-height:1.45"
)


def code_html(source: str, language: str, form: Form) -> str:
    """A whole `<pre>` element; code in a language that Pygments does not know stays plain."""
    lexer = _lexer(language)
    if form is Form.PAGE:
        name = f' class="language-{lexer.aliases[0]}"' if lexer.aliases and language else ""
        return f'<pre class="highlight"><code{name}>{highlight(source, lexer, _by_class())}</code></pre>'
    return f'<pre style="{_PRE_STYLE}"><code>{highlight(source, lexer, _by_style())}</code></pre>'


def code_css() -> str:
    """The rules that colour `pre.highlight` on our pages, light and, where the reader's system asks for it, dark."""
    # The light rules end where the dark ones begin: a colour that only the light style names would be black on black.
    return (
        f"@media not all and (prefers-color-scheme: dark) {{\n{_rules(_LIGHT)}\n}}\n"
        f"@media (prefers-color-scheme: dark) {{\n{_rules(_DARK)}\n}}\n"
    )


def _lexer(language: str) -> Lexer:
    # Blank first lines are the author's; Pygments would drop them. A lexer is made per use, as some keep state.
    try:
        return get_lexer_by_name(language, stripnl=False) if language else TextLexer(stripnl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False)


@cache
def _by_class() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True)


@cache
def _by_style() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True, noclasses=True, style=_LIGHT)


def _rules(style: str) -> str:
    # The page's own style sheet sets line height and numbers; only the colours are wanted here.
    formatter = HtmlFormatter(style=style)
    lines = formatter.get_style_defs("pre.highlight").splitlines()  # type: ignore[no-untyped-call]  # as in its stubs
    return "\n".join(f"  {line}" for line in lines if line.startswith("pre.highlight"))
