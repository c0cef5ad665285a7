"""The one style sheet, named by its content so that browsers may keep it for ever."""

from functools import cache

from jinja2 import Environment

from text.markdown import code_css
from web.versioned import Versioned


@cache
def style_of(env: Environment) -> Versioned:
    """The colours of all pages, then what is the readers', with the colours of code; read once per environment."""
    return Versioned(sheet_of(env, "web/style.css", code_css()))


def sheet_of(env: Environment, name: str, *more: str) -> bytes:
    """A sheet between the tokens that it uses and the theme that may change them."""
    assert env.loader is not None
    tokens, sheet, theme = (env.loader.get_source(env, one)[0] for one in ("web/tokens.css", name, "web/theme.css"))
    return "\n".join([tokens, sheet, *more, theme]).encode()
