"""simulate: what will go out."""

from datetime import timedelta
from typing import Annotated

import typer

from fascicle.app import rules_of
from fascicle.cli.context import JsonOption, app_of, parse_instant
from fascicle.cli.output import listing
from scheduler.simulate import simulate as look_ahead
from timing.wall import to_wall


def simulate(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option("--from", metavar="INSTANT", help="From this instant; now unless given.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="INSTANT", help="Up to this one; 30 days on unless given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look ahead, day by day: which post, which feeds, how many letters. Changes nothing."""
    with app_of(context) as app, app.store.reading() as session:
        begin = parse_instant(since) if since else app.now()
        end = parse_instant(until) if until else begin + timedelta(days=30)
        events = look_ahead(session, since=begin, until=end, rules=rules_of(app.config))
        zone = app.config.site.zone
    rows = [
        {
            "day": f"{to_wall(event.at, zone):%a %Y-%m-%d}",
            "time": f"{to_wall(event.at, zone):%H:%M}",
            "what": event.kind,
            "which": event.what,
            "title": event.title,
            "feeds": list(event.feeds),
            "letters": event.letters or None,
        }
        for event in events
    ]
    listing(rows, as_json=as_json, empty="Nothing is planned in this time.")


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)
