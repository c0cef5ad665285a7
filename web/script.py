"""The one script of readers' pages, which guesses their zone; the operator's form of a new series has it, too."""

from functools import cache

from jinja2 import Environment

from web.versioned import Versioned


@cache
def zone_script_of(env: Environment) -> Versioned:
    """Read once per environment."""
    assert env.loader is not None
    return Versioned(env.loader.get_source(env, "web/zone.js")[0].encode())
