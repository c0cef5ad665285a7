"""subscribers: who reads by mail."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from db import ledger, subscribers
from db.tables import Subscriber, Subscription
from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import listing, record, say, shown
from fascicle.cli.sending.deliveries import row_of
from importers.subscribers import read_subscribers, subscriber_of
from importers.values import SubscriberSource
from scheduler.next_letter import NextLetter, next_letter, owes
from scheduler.readers import WEEKDAYS, ReaderDefaults, take_in_readers
from timing.wall import to_wall

PAGE = 500
NEWEST = 20
"""Letters of one reader that `show` names."""


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


def list_subscribers(context: typer.Context, as_json: JsonOption = False) -> None:
    """All subscribers with what they follow."""
    rows: list[dict[str, object]] = []
    with app_of(context) as app, app.store.reading() as session:
        last = 0
        while page := subscribers.after(session, last, limit=PAGE):
            follows = subscribers.subscriptions_of(session, [one.id for one in page])
            for one in page:
                kinds = [f"{slug} {_how_often(held)}" for held, slug in follows[one.id] if held.state == "active"]
                rows.append(
                    {
                        "address": one.address,
                        "name": one.name,
                        "state": one.state,
                        "zone": one.zone,
                        "hour": f"{one.hour:02}:00",
                        "follows": kinds,
                    }
                )
            last = page[-1].id
    listing(rows, as_json=as_json, empty="No subscribers yet. `fascicle subscribers add EMAIL` brings one.")


def _how_often(held: Subscription) -> str:
    return held.frequency + (f":{WEEKDAYS[held.weekday]}" if held.frequency == "weekly" else "")


def show(context: typer.Context, email: str, as_json: JsonOption = False) -> None:
    """One subscriber: what they follow and are owed, each letter with the relay's own words, what comes next."""
    with app_of(context) as app, app.store.reading() as session:
        values = _shown(session, subscribers.by_address(session, email), now=app.now())
    if as_json:
        record(values, as_json=True)
        return
    follows, letters = values.pop("follows"), values.pop("letters")
    record(values, as_json=False)
    listing(follows, as_json=False, empty="Follows nothing.")
    listing(letters, as_json=False, empty="No letters yet.")


def _shown(session: Session, reader: Subscriber, *, now: datetime) -> dict[str, Any]:
    held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
    coming = next_letter(session, reader, [one for one, _ in held], now=now)
    return {
        "address": reader.address,
        "name": reader.name,
        "state": reader.state,
        "paused_until": reader.paused_until,
        "zone": reader.zone,
        "hour": f"{reader.hour:02}:00",
        "format": reader.format,
        "language": reader.language,
        "next": _coming(coming, reader.zone),
        "follows": [_followed(session, one, slug) for one, slug in held],
        "letters": [row_of(entry) for entry in ledger.newest_of(session, reader.id, limit=NEWEST)],
    }


def _followed(session: Session, held: Subscription, slug: str) -> dict[str, object]:
    active = held.state == "active"
    return {
        "series": slug,
        "state": held.state,
        "frequency": _how_often(held),
        "watermark": held.watermark,
        "owed": owes(session, held) if active else [],
    }


def _coming(letter: NextLetter | None, zone: str) -> str | None:
    if letter is None:
        return None
    posts = [*letter.out, *(f"{slug} (planned)" for slug in letter.planned)]
    return f"{letter.kind}, {shown(to_wall(letter.moment, zone))} {zone}: {', '.join(posts)}"


def leave(context: typer.Context, email: str) -> None:
    """Take somebody off every series, at once."""
    with app_of(context) as app, app.store.writing() as session:
        subscribers.leave(session, subscribers.by_address(session, email).id, now=app.now())
    say(f"{email} gets no more letters.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Subscribers by mail.", no_args_is_help=True)
    group.command("add")(add)
    group.command("import")(import_)
    group.command("list")(list_subscribers)
    group.command("show")(show)
    group.command("leave")(leave)
    app.add_typer(group, name="subscribers")
