"""What the operator's pages are shown of the configuration, and what they may have done with it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment

from db.errors import BadValue
from db.said import say
from fascicle.config import Config
from fascicle.doctor import examine
from fascicle.names import keys_of_sender, records_of
from fascicle.relaying import relays_of
from fascicle.settings_shown import settings_of
from mail.checking import built_in, check, own_files
from mail.dns_records import Lookup
from mail.probe import Stepped, probe
from timing.clocks import Clock
from web.household import Ailment, Household, OwnTemplate, Relay


def household_of(config: Config, templates: Environment, *, lookup: Lookup, machine: Clock) -> Household:
    return Household(
        file=str(config.file),
        settings=partial(settings_of, config),
        relays=partial(_relays, config),
        probe=partial(_probe, config),
        keys=partial(keys_of_sender, config),
        records=lambda: records_of(config, lookup=lookup, now=machine()),
        templates=partial(_templates, config.templates),
        templates_folder=str(config.templates) if config.templates else None,
        mistakes=lambda: check(templates, config.templates),
        doctor=partial(_doctor, config.file),
    )


def _relays(config: Config) -> list[Relay]:
    return [Relay(name, f"{one.host}:{one.port}", one.tls, one.username) for name, one in config.relays.items()]


def _probe(config: Config, name: str) -> Sequence[Stepped]:
    """Raises BadValue for a name that the configuration does not have, and for a password that cannot be read."""
    if name not in config.relays:
        raise BadValue(say("no relay %(name)r in the configuration", name=name))
    alone = config.model_copy(update={"relays": {name: config.relays[name]}})
    return probe(relays_of(alone)[0])


def _templates(folder: Path | None) -> list[OwnTemplate]:
    own = set() if folder is None else set(own_files(folder))
    return [OwnTemplate(name, name in own) for name in sorted({*built_in(), *own})]


def _doctor(file: Path) -> list[Ailment]:
    return [Ailment(one.part_said, one.ok, one.words) for one in examine(file)]
