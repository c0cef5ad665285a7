"""Taking subscribers in, and letting them go."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from db import series as all_series
from db import subscribers
from fascicle.cli.context import NowOption, app_of, moment
from fascicle.cli.output import say
from importers.subscribers import read_subscribers, subscriber_of
from importers.values import SubscriberSource
from scheduler.readers import ReaderDefaults, take_in_readers


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
    _take_in(context, [source], now=now, dry_run=False)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: email, name, zone, hour, frequency, series, language.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look for problems; write nothing.")] = False,
    now: NowOption = None,
) -> None:
    """Subscribe everybody in a file, or nobody when anything in it is wrong. Who left stays away."""
    _take_in(context, read_subscribers(file), now=now, dry_run=dry_run)


def _take_in(
    context: typer.Context,
    sources: list[SubscriberSource] | tuple[SubscriberSource, ...],
    *,
    now: str | None,
    dry_run: bool,
) -> None:
    with app_of(context) as app:
        site = app.config.site
        with app.store.writing() as session:
            joined = take_in_readers(
                session,
                sources,
                defaults=ReaderDefaults(site.zone, site.language),
                fingerprint=app.tokens.fingerprint,
                now=moment(app, now),
            )
            if dry_run:
                session.rollback()
    counted = Counter(kind.value for _, kind in joined)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
    say(f"{'Would be' if dry_run else 'Subscribers'}: {said or 'nobody'}.")


def leave(
    context: typer.Context,
    email: str,
    series: Annotated[str, typer.Option(help="Only this series; the others go on.")] = "",
) -> None:
    """Take somebody off every series, or off one, at once."""
    with app_of(context) as app, app.store.writing() as session:
        reader = subscribers.by_address(session, email)
        if not series:
            subscribers.leave(session, reader.id, now=app.now())
        elif held := subscribers.subscription(session, reader.id, all_series.by_slug(session, series).id):
            subscribers.leave_series(session, held, now=app.now())
    say(f"{email} gets no more letters{f' of {series}' if series else ''}.")
