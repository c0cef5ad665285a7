"""The one style sheet, named by its content so that browsers may keep it for ever."""

import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from text.markdown import code_css


@dataclass(frozen=True)
class Style:
    body: bytes
    version: str


@cache
def style_of(env: Environment) -> Style:
    """The sheet that lies beside the templates, with the colours of code, then the theme; read once per environment."""
    assert env.loader is not None
    sheet, theme = (env.loader.get_source(env, f"web/{name}.css")[0] for name in ("style", "theme"))
    body = f"{sheet}\n{code_css()}\n{theme}".encode()
    return Style(body, hashlib.sha256(body).hexdigest()[:12])
