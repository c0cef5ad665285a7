"""letters test-delivery: a letter through all that the letters of readers go through."""

from typing import Annotated

import typer

from db.states import Purpose
from fascicle.app import App
from fascicle.cli.context import app_of
from fascicle.cli.output import say
from fascicle.relaying import relays_of
from scheduler import joining, singles
from scheduler.singles import Single
from scheduler.trial import key_of_next


def try_delivery(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where the letter goes, such as your own address.")],
    language: Annotated[str, typer.Option(help="Language of the letter, such as de; the site's unless given.")] = "",
) -> None:
    """Have a letter sent through the relay, the ledger and all keys, to see that it arrives."""
    to = joining.checked_address(address)
    with app_of(context) as app:
        key = _write(app, to, language or app.config.site.language)
    say(f"A letter to {to} goes out as {key}.")
    say(f"`fascicle deliveries list --edition {key}` says what became of it.")


def _write(app: App, address: str, language: str) -> str:
    now = app.now()
    sent, relay = f"{now:%Y-%m-%d %H:%M:%S} UTC", relays_of(app.config)[0]
    with app.store.writing() as session:
        single = Single(
            purpose=Purpose.operator_test,
            key=key_of_next(session),
            address=address,
            language=language,
            about={"sent": sent, "relay": f"{relay.host}:{relay.port}"},
        )
        singles.send(session, app.house, single, now=now)
    return f"single:{single.key}"
