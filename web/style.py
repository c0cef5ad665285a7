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
    """The sheet that lies beside the templates, with the colours of code; read once per environment."""
    assert env.loader is not None
    source, _, _ = env.loader.get_source(env, "web/style.css")
    body = f"{source}\n{code_css()}".encode()
    return Style(body, hashlib.sha256(body).hexdigest()[:12])
