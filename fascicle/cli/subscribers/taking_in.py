"""Taking subscribers in, and letting them go."""

from typing import Annotated

import typer

from db import series as all_series
from db import subscribers
from fascicle.cli.context import NowOption, app_of, moment
from fascicle.cli.output import say
from fascicle.cli.sending.steering import ReasonOption, by
from importers.subscribers import subscriber_of
from scheduler import care
from scheduler.readers import ReaderDefaults
from scheduler.taking_in import take_in_readers
from timing.clocks import Moment, machine_now


def add(
    context: typer.Context,
    email: str,
    name: Annotated[str, typer.Option(help="How letters address them.")] = "",
    zone: Annotated[str, typer.Option(help="IANA zone of their hour; the site's unless given.")] = "",
    hour: Annotated[str, typer.Option(help="The whole hour, 0 to 23, at which digests come.")] = "",
    frequency: Annotated[str, typer.Option(help="instant, daily, or weekly:monday.")] = "daily",
    series: Annotated[list[str] | None, typer.Option(help="A series to follow; say it again for more.")] = None,
    now: NowOption = None,
) -> None:
    """Subscribe somebody who asked you to."""
    row = {"email": email, "name": name, "zone": zone, "hour": hour, "frequency": frequency}
    source = subscriber_of({**row, "series": ";".join(series or []), "language": ""}, place="command line")
    with app_of(context) as app, app.store.writing() as session:
        defaults = ReaderDefaults(app.config.site.zone, app.config.site.language)
        fingerprint = app.tokens.fingerprint
        [(_, kind)] = take_in_readers(
            session, [source], defaults=defaults, fingerprint=fingerprint, now=moment(app, now)
        )
    say(f"Subscribers: 1 {kind}.")


def leave(
    context: typer.Context,
    email: str,
    series: Annotated[str, typer.Option(help="Only this series; the others go on.")] = "",
    reason: ReasonOption = "",
) -> None:
    """Take somebody off every series, or off one, at once."""
    with app_of(context) as app, app.store.writing() as session:
        reader, at = subscribers.by_address(session, email), Moment(app.now(), machine_now())
        if not series:
            care.stop(session, reader, by(reason), at)
        elif held := subscribers.subscription(session, reader.id, all_series.by_slug(session, series).id):
            care.stop_series(session, reader, held, series, by(reason), at)
    say(f"{email} gets no more letters{f' of {series}' if series else ''}.")
