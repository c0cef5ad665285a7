"""The keys with which the configuration has letters signed, read from their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db.errors import BadValue, FascicleError
from db.said import say, worded
from fascicle.config_mail import Mail, SigningKey
from mail.dkim import Signer
from mail.dkim_keys import Key, read_private
from mail.headers import ascii_domain


@dataclass(frozen=True)
class NamedKey:
    """A key and the file it is in."""

    key: Key
    file: Path


def signer_of(mail: Mail, *, domain: str) -> Signer | None:
    """What signs letters; None when no key is named. Raises as `keys_of` does."""
    keys = keys_of(mail, domain=domain)
    return Signer(tuple(one.key for one in keys)) if keys else None


def keys_of(mail: Mail, *, domain: str) -> list[NamedKey]:
    """The keys in the order of the configuration; `domain` is that of those which name none, the sender's.

    Raises BadValue, beginning with the place in the configuration, for a file that holds no such key, and for a name in
    the DNS that two keys claim.
    """
    named = [_key(entry, f"mail.dkim.{place}", domain) for place, entry in enumerate(mail.dkim)]
    names = [one.key.record_name for one in named]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BadValue(f"config.yaml: mail.dkim.{place}: {name} is the name of another key too; choose a selector")
    return named


def _key(entry: SigningKey, place: str, domain: str) -> NamedKey:
    try:
        private = read_private(entry.key_file)
    except BadValue as error:
        raise BadValue(f"config.yaml: {place}.key_file: {error}") from None
    home = ascii_domain(entry.domain or domain).lower()
    key = Key(domain=home, selector=entry.selector, private=private, since=entry.since, until=entry.until)
    return NamedKey(key, entry.key_file)


def state_of_signing(keys: Sequence[NamedKey], *, domain: str, now: datetime) -> str:
    """How letters of this sender's domain are signed. Raises a FascicleError when something is wrong with it."""
    if not keys:
        return say("no key is named in mail.dkim; letters go out as they are, unless the relay signs them")
    for one in keys:
        if one.file.stat().st_mode & 0o077:
            raise FascicleError(open_to_others(one.file))
    used = [one.key for one in keys if one.key.in_use(now)]
    if not used:
        raise FascicleError(say("no key of mail.dkim is in use now; look at `since` and `until`"))
    if not any(_aligned(key.domain, domain) for key in used):
        raise FascicleError(
            say(
                "letters come from %(domain)s and are signed for %(other)s: receivers that ask for alignment (DMARC) "
                "do not count that; add a key of the sender's domain",
                domain=domain,
                other=used[0].domain,
            )
        )
    names = [f"{key.record_name} ({key.algorithm})" for key in used]
    english = f"letters are signed by {' and '.join(names)}"
    return worded(english, say("letters are signed by %(keys)s", keys=names))


def open_to_others(file: Path) -> str:
    """What to say of a file with a secret that is not its owner's alone."""
    return say("%(file)s: others may read it; run `chmod 600 %(name)s`", file=file, name=file.name)


def _aligned(signing: str, sending: str) -> bool:
    """Whether one domain is the other or lies below it: nearly what relaxed alignment means (RFC 7489, 3.1)."""
    one, other = f".{signing}", f".{ascii_domain(sending).lower()}"
    return one.endswith(other) or other.endswith(one)
