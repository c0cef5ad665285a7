"""dkim: keys that letters are signed with, and their records in the DNS."""

from pathlib import Path
from typing import Annotated, Any

import typer

from db.errors import BadValue
from fascicle.cli.context import JsonOption, config_of
from fascicle.cli.output import listing, say
from fascicle.config_mail import is_selector
from fascicle.relaying import sender_of
from fascicle.signing import keys_of
from mail.dkim_keys import Key, Kind, new_private, write_private, zone_line
from mail.headers import ascii_domain


def new(
    context: typer.Context,
    selector: Annotated[str, typer.Option(help="The name of the key in the DNS, such as s2026.")],
    kind: Annotated[Kind, typer.Option(help="rsa, which all receivers know, or ed25519, as a second key.")] = Kind.rsa,
    domain: Annotated[str | None, typer.Option(help="The domain that signs; the sender's unless given.")] = None,
) -> None:
    """Make a key; print its DNS record, and what to write into the configuration."""
    config = config_of(context)
    if not is_selector(selector):
        raise BadValue(
            f"--selector: {selector!r} is no name in the DNS; use letters, digits and hyphens, such as s2026"
        )
    home = ascii_domain(domain or sender_of(config)[1].rpartition("@")[2]).lower()
    key = Key(domain=home, selector=selector, private=new_private(kind))
    path: Path = context.find_root().obj.with_name(f"dkim-{selector}.pem")
    write_private(path, key.private)
    say(f"Wrote {path}: keep it, back it up, show it to nobody.")
    _publish(key)
    say("\nOnce that can be looked up, add the key to your configuration and start `fascicle serve` anew:\n")
    further = f", domain: {home}" if domain else ""
    say(f"mail:\n  dkim:\n    - {{selector: {selector}, key_file: {path.name}{further}}}")


def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """The DNS records of the keys in the configuration."""
    config = config_of(context)
    keys = [one.key for one in keys_of(config.mail, domain=sender_of(config)[1].rpartition("@")[2])]
    if as_json or not keys:
        listing([_row(key) for key in keys], as_json=as_json, empty="No key is named in mail.dkim.")
        return
    for key in keys:
        _publish(key)


def _row(key: Key) -> dict[str, Any]:
    return {
        "selector": key.selector,
        "domain": key.domain,
        "kind": key.kind,
        "name": key.record_name,
        "type": "TXT",
        "value": key.record,
        "zone_line": zone_line(key),
        "since": key.since,
        "until": key.until,
    }


def _publish(key: Key) -> None:
    say("\nA TXT record for your DNS:\n")
    say(f"name:   {key.record_name}\nvalue:  {key.record}")
    say(f"\nThe same as a line for a zone file:\n\n{zone_line(key)}")


def add_to(app: typer.Typer) -> None:
    keys = typer.Typer(help="Keys that letters are signed with (DKIM).", no_args_is_help=True)
    keys.command()(new)
    keys.command()(show)
    app.add_typer(keys, name="dkim")
