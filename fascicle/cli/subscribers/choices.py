"""What a subscriber chose: hour, zone, language, format, how often, and when to hear nothing."""

from datetime import datetime, time
from typing import Annotated

import typer

from db import series as all_series
from db import subscribers
from db.states import LetterFormat
from fascicle.cli.context import NowOption, app_of, moment
from fascicle.cli.output import say
from importers.subscribers import subscriber_of
from scheduler import pauses, readers
from scheduler.cadence import parse_date
from timing.wall import to_instant


def change(
    context: typer.Context,
    email: str,
    name: Annotated[str, typer.Option(help="How letters address them.")] = "",
    zone: Annotated[str, typer.Option(help="IANA zone of their hour.")] = "",
    hour: Annotated[str, typer.Option(help="The whole hour, 0 to 23, at which digests come.")] = "",
    language: Annotated[str, typer.Option(help="Language of their letters, such as en.")] = "",
    letter_format: Annotated[LetterFormat | None, typer.Option("--format", help="html, or text alone.")] = None,
    now: NowOption = None,
) -> None:
    """Change a subscriber's hour, zone, language, name or format of letters. Nothing is sent twice or left out."""
    row = {"email": email, "name": name, "zone": zone, "hour": hour, "language": language}
    source = subscriber_of({**row, "series": "", "frequency": ""}, place="command line")
    with app_of(context) as app, app.store.writing() as session:
        reader = subscribers.by_address(session, email)
        readers.change(session, reader, source, letter_format, now=moment(app, now))
        said = f"{reader.hour:02}:00 {reader.zone}, {reader.language}, {reader.format}"
    say(f"{email}: {said}.")


def follow(
    context: typer.Context,
    email: str,
    series: str,
    frequency: Annotated[str, typer.Option(help="instant, daily, or weekly:monday.")] = "",
    now: NowOption = None,
) -> None:
    """Have a subscriber follow a series from its next post on, or change how often they hear of it."""
    with app_of(context) as app, app.store.writing() as session:
        reader = subscribers.by_address(session, email)
        row = all_series.by_slug(session, series)
        held = readers.follow(session, reader, row, frequency=frequency or None, now=moment(app, now))
        said = held.frequency
    say(f"{email} follows {series}, {said}.")


def pause(
    context: typer.Context,
    email: str,
    until: Annotated[str, typer.Option(help="A day of theirs on which letters begin again, such as 2026-08-01.")] = "",
    now: NowOption = None,
) -> None:
    """Send a subscriber nothing for a while. What comes out meanwhile comes after it."""
    with app_of(context) as app, app.store.writing() as session:
        reader = subscribers.by_address(session, email)
        end = to_instant(datetime.combine(parse_date(until), time()), reader.zone) if until else None
        pauses.pause(reader, until=end, now=moment(app, now))
    say(f"{email} gets no letters until {until or '`fascicle subscribers resume`'}.")


def resume(context: typer.Context, email: str, now: NowOption = None) -> None:
    """Send a subscriber letters again, with what came out meanwhile."""
    with app_of(context) as app, app.store.writing() as session:
        pauses.resume(session, subscribers.by_address(session, email), now=moment(app, now))
    say(f"{email} gets letters again.")
