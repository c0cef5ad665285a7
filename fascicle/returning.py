"""From the settings to what letters and bounces need of them."""

from collections.abc import Callable

from db.deliveries import Letter
from db.engine import Store
from db.errors import BadValue
from fascicle.config import Config, password_in
from mail.mailbox import MailboxSettings
from mail.tokens import Tokens
from mail.verdict import Patience
from mail.verp import ReturnPaths
from scheduler.bounces import BounceTaker
from scheduler.letters import House
from timing.clocks import Clock


def return_paths(config: Config, tokens: Tokens) -> ReturnPaths | None:
    """None where nothing is set that could read what comes back."""
    settings = config.bounces
    return None if settings is None else ReturnPaths(tokens, settings.address, settings.separator)


def return_path_of_each(config: Config, tokens: Tokens) -> Callable[[Letter], str] | None:
    """What gives each letter a return path of its own; None where all go out under the same."""
    paths = return_paths(config, tokens)
    return None if paths is None else (lambda letter: paths.of(letter.delivery.id, letter.delivery.address))


def leave_address_of(config: Config, tokens: Tokens) -> str | None:
    """Where mail programs can write to end the letters; None where nobody would read it."""
    paths = return_paths(config, tokens)
    return None if paths is None else paths.leave


def patience_of(config: Config) -> Patience:
    """How long an address may refuse letters for now: as set, also for what relays say at once."""
    settings = config.bounces
    return Patience() if settings is None else Patience(settings.soft_editions, settings.soft_span)


def taker_of(config: Config, store: Store, house: House, calendar: Clock) -> BounceTaker:
    """Raises BadValue where bounces are not set up."""
    settings, paths = config.bounces, return_paths(config, house.tokens)
    if settings is None or paths is None:
        raise BadValue("config.yaml: bounces: not set; name the address that bounces come to in `bounces.address`")
    return BounceTaker(store, config.node_file, paths, house, patience_of(config), calendar)


def mailbox_of(config: Config) -> MailboxSettings | None:
    """The mailbox in which bounces arrive, with its password read; None where there is none."""
    box = config.bounces.mailbox if config.bounces else None
    if box is None:
        return None
    return MailboxSettings(
        host=box.host,
        port=box.port,
        tls=box.tls,
        username=box.username,
        password=password_in(box.password_file),
        folder=box.folder,
        ca_file=box.ca_file,
        keep=box.keep,
    )
