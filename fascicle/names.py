"""What the DNS should say of who letters come from, as the configuration has it."""

from datetime import datetime

from fascicle.config import Config
from fascicle.relaying import sender_of
from fascicle.signing import keys_of
from mail.dkim_keys import Key
from mail.dns_records import Lookup, Record, examine
from mail.headers import ascii_domain


def records_of(config: Config, *, lookup: Lookup, now: datetime) -> list[Record]:
    """What the DNS says of who letters come from, and of where they come back to. Raises BadValue."""
    sending = ascii_domain(sender_of(config)[1].rpartition("@")[2]).lower()
    bouncing = ascii_domain(config.bounces.address.rpartition("@")[2]).lower() if config.bounces else sending
    return examine(sending=sending, bouncing=bouncing, keys=keys_of_sender(config), now=now, lookup=lookup)


def keys_of_sender(config: Config) -> list[Key]:
    """The keys that letters are signed with. Raises BadValue for one that cannot be read."""
    return [one.key for one in keys_of(config.mail, domain=sender_of(config)[1].rpartition("@")[2])]
