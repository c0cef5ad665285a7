"""editions, deliveries, simulate: what goes out, and what will."""

from datetime import timedelta
from threading import Event
from typing import Annotated

import typer
from sqlalchemy import select

from db import batches, deliveries
from db.tables import Delivery, Edition
from fascicle.app import rules_of, working
from fascicle.cli.context import JsonOption, NowOption, app_of, moment, parse_instant
from fascicle.cli.output import listing, record, warn
from scheduler import editions, replay
from scheduler.replay import calendar_of
from scheduler.simulate import simulate as look_ahead
from timing.wall import to_wall


def list_editions(context: typer.Context, as_json: JsonOption = False) -> None:
    """Editions, the newest first, with the states of their letters."""
    with app_of(context) as app, app.store.reading() as session:
        found = session.scalars(select(Edition).order_by(Edition.moment.desc(), Edition.id.desc())).all()
        rows = [
            {
                "edition": one.key,
                "moment": one.moment,
                "state": one.state,
                **_counts(deliveries.counts(session, one.id)),
            }
            for one in found
        ]
    listing(rows, as_json=as_json, empty="No editions yet: they come when somebody is owed a post.")


def _counts(counts: dict[str, int]) -> dict[str, int]:
    states = ("sent", "soft", "hard", "in_doubt", "superseded", "pending")
    return {state: counts.get(state, 0) + (counts.get("intent", 0) if state == "pending" else 0) for state in states}


def send(context: typer.Context, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Plan the editions that are due and send what can be sent, once. Exit code 1 while letters wait or failed."""
    with app_of(context) as app, working(app, stopping=Event()) as passes:
        at = moment(app, now)
        if calendar_of(app.store) is not None:
            replay.run(passes, at)
        else:
            passes.clockwork.open_editions(at)
        passes.send_letters(at)
        with app.store.reading() as session:
            counts = deliveries.counts(session)
            unfinished, problems = editions.unfinished(session), batches.problems(session)
    record(_counts(counts), as_json=as_json)
    for problem, retry_at in problems:
        warn(f"{problem}; next try {retry_at:%H:%M:%S} UTC" if retry_at else problem)
    if unfinished or counts.get("hard"):
        raise typer.Exit(1)


def list_deliveries(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="Only letters in this state, such as in_doubt.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The ledger: each letter, its state, the relay's own words."""
    with app_of(context) as app, app.store.reading() as session:
        statement = select(Delivery, Edition.key).join(Edition, Edition.id == Delivery.edition_id).order_by(Delivery.id)
        if state:
            statement = statement.where(Delivery.state == state)
        rows = [
            {
                "edition": key,
                "address": row.address,
                "state": row.state,
                "tries": row.attempts,
                "code": row.code,
                "reply": row.reply,
                "next_try": row.retry_at,
            }
            for row, key in session.execute(statement)
        ]
    listing(rows, as_json=as_json, empty="No letters.")


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
    group = typer.Typer(help="Editions: one sending of many letters.", no_args_is_help=True)
    group.command("list")(list_editions)
    group.command("send")(send)
    app.add_typer(group, name="editions")
    ledger = typer.Typer(help="The ledger of letters.", no_args_is_help=True)
    ledger.command("list")(list_deliveries)
    app.add_typer(ledger, name="deliveries")
    app.command()(simulate)
