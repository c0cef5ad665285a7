"""What the configuration says of relays and sender, as those take it who send letters."""

from email.utils import parseaddr

from db.errors import BadValue
from fascicle.config import Config, password_in
from fascicle.config_mail import Relay
from mail.opening import RelaySettings
from mail.pace import Limits


def sender_of(config: Config) -> tuple[str, str]:
    """Name and address that letters come from. Raises BadValue."""
    name, address = parseaddr(config.mail.sender)
    if "@" not in address:
        raise BadValue(
            f'config.yaml: mail.from: {config.mail.sender!r} has no address; write "Name <post@example.org>"'
        )
    return name, address


def relays_of(config: Config) -> list[RelaySettings]:
    """The relays in the order of the configuration, with their passwords read."""
    return [
        RelaySettings(
            host=relay.host,
            port=relay.port,
            tls=relay.tls,
            username=relay.username,
            password=_password(relay),
            name=name,
            connections=relay.connections,
            letters=relay.letters_per_connection,
        )
        for name, relay in config.relays.items()
    ]


def sent_nowhere(config: Config, *, port: int) -> Config:
    """The same with one relay on this machine at `port`, in the place of all that there are."""
    return config.model_copy(update={"relays": {"outbox": Relay(host="127.0.0.1", port=port, tls="none")}})


def limits_of(config: Config) -> Limits:
    """How fast letters may go, by relay and by domain."""
    relays = {name: relay.limit for name, relay in config.relays.items() if relay.limit}
    return Limits(relays=relays, domains=config.mail.domains)


def _password(relay: Relay) -> str | None:
    return None if relay.password_file is None else password_in(relay.password_file)
