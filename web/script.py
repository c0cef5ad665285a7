"""The one script of readers' pages, which guesses their zone; the operator's form of a new series has it, too."""

import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment


@dataclass(frozen=True)
class Script:
    body: bytes
    version: str


@cache
def zone_script_of(env: Environment) -> Script:
    """Read once per environment; named by its content, like the style sheet."""
    assert env.loader is not None
    body = env.loader.get_source(env, "web/zone.js")[0].encode()
    return Script(body, hashlib.sha256(body).hexdigest()[:12])
