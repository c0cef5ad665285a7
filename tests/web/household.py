"""What a site's pages for operators may know of the program: of a real configuration, with a DNS that a test fills."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from jinja2 import Environment

from db.engine import Store
from fascicle.config import read_config
from fascicle.household import household_of
from timing.clocks import Clock
from web.household import Household

Lookup = Callable[[str], Sequence[str]]


def nothing_there(_name: str) -> list[str]:
    return []


def a_household(
    folder: Path,
    store: Store,
    templates: Environment,
    machine: Clock,
    *,
    lookup: Lookup = nothing_there,
    settings: Mapping[str, object],
) -> Household:
    """Of a configuration written into a folder; nobody listens at its relay unless `settings` name another."""
    file = folder / "config.yaml"
    site = {"title": "My serials", "url": "https://example.org", "author": {"name": "A. Writer"}, "zone": "Europe/Riga"}
    said = {
        "site": site,
        "database": store.engine.url.render_as_string(hide_password=False),
        "mail": {"from": "My serials <post@example.org>"},
        "relays": {"main": {"host": "127.0.0.1", "port": 1, "tls": "none"}},
    }
    file.write_text(yaml.safe_dump(said | dict(settings), sort_keys=False), encoding="utf-8")
    return household_of(read_config(file), templates, lookup=lookup, machine=machine)
