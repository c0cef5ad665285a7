"""init, db, doctor: setting up, and looking whether all is well."""

from pathlib import Path
from typing import Annotated

import typer

from db import migrate
from db.engine import open_store
from db.errors import BadValue
from db.states import Role, StoreKind
from fascicle import doctor as examination
from fascicle.app import opened
from fascicle.cli.context import JsonOption, NowOption, config_of, parse_instant
from fascicle.cli.operating import invite_and_say
from fascicle.cli.output import listing, say
from fascicle.founding import init_store, upgrade_store
from fascicle.sample import write_sample
from mail.dns_records import txt_records
from scheduler import copies
from timing.clocks import machine_now


def init(
    context: typer.Context,
    replay: Annotated[bool, typer.Option(help="Make a store whose calendar moves only by --now.")] = False,
    now: NowOption = None,
    operator: Annotated[
        str | None,
        typer.Option("--operator", metavar="EMAIL", help="Print a link by which this address becomes owner."),
    ] = None,
) -> None:
    """Make the configuration (if there is none), the secret and the store."""
    path: Path = context.find_root().obj
    if write_sample(path):
        say(f"Wrote {path}: give it your site's title and address.")
    config = config_of(context)
    if now and not replay:
        raise BadValue("--now is where a replay's calendar begins; say --replay too")
    begin = parse_instant(now) if now else machine_now()
    made = init_store(config, kind=StoreKind.replay if replay else StoreKind.live, now=begin)
    say("The store is ready." if made else "The store was there already; nothing changed.")
    if operator is not None:
        with opened(config) as app:
            invite_and_say(app, operator, Role.owner)
    say("Next: `fascicle series create SLUG --title …`, then `fascicle import FOLDER --series SLUG`.")


def doctor(
    context: typer.Context,
    dns: Annotated[bool, typer.Option("--dns", help="Look up SPF, DKIM and DMARC of the sender, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at configuration, database, relay, feeds folder and zones; say what is wrong and how to mend it."""
    findings = examination.examine(context.find_root().obj)
    if dns and findings[0].ok:
        findings += examination.examine_names(config_of(context), lookup=txt_records)
    rows = [{"part": one.part, "state": "ok" if one.ok else "wrong", "finding": one.words} for one in findings]
    listing(rows, as_json=as_json, empty="")
    if not all(one.ok for one in findings):
        raise typer.Exit(1)


def upgrade(context: typer.Context) -> None:
    """Bring the store's tables to what this program needs. Make a backup first."""
    config = config_of(context)
    store = open_store(config.database)
    try:
        upgrade_store(config, store)
    finally:
        store.close()
    say("The store is up to date.")


def adopt(context: typer.Context) -> None:
    """Let this copy of a store go on as the one that releases and mails. Stop the other one first."""
    config = config_of(context)
    store = open_store(config.database)
    try:
        migrate.check_current(store)
        note = copies.adopt(store, config.node_file)
    finally:
        store.close()
    say(f"This store and this machine belong together now (epoch {note.epoch}).")


def add_to(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(doctor)
    database = typer.Typer(help="The post store itself.", no_args_is_help=True)
    database.command()(upgrade)
    database.command()(adopt)
    app.add_typer(database, name="db")
