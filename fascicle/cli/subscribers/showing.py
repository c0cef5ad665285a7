"""Showing subscribers: who there is, and all there is to know of one."""

from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from db import catch_ups, ledger, subscribers
from db.tables import CatchUp, Subscriber, Subscription
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import listing, record, shown
from fascicle.cli.sending.deliveries import row_of
from scheduler.cadence import Cadence
from scheduler.next_letter import NextLetter, next_letter, owes
from scheduler.reader_export import how_often
from timing.wall import to_wall

PAGE = 500
NEWEST = 20
"""Letters of one reader that `show` names."""


def list_subscribers(context: typer.Context, as_json: JsonOption = False) -> None:
    """All subscribers with what they follow."""
    rows: list[dict[str, object]] = []
    with app_of(context) as app, app.store.reading() as session:
        last = 0
        while page := subscribers.after(session, last, limit=PAGE):
            follows = subscribers.subscriptions_of(session, [one.id for one in page])
            for one in page:
                kinds = [f"{slug} {how_often(held)}" for held, slug in follows[one.id] if held.state == "active"]
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
    catching_up = catch_ups.of(session, [one.id for one, _ in held])
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
        "follows": [_followed(session, one, slug, catching_up.get(one.id)) for one, slug in held],
        "letters": [row_of(entry) for entry in ledger.newest_of(session, reader.id, limit=NEWEST)],
    }


def _followed(session: Session, held: Subscription, slug: str, catch_up: CatchUp | None) -> dict[str, object]:
    active = held.state == "active"
    return {
        "series": slug,
        "state": held.state,
        "frequency": how_often(held),
        "watermark": held.watermark,
        "catches_up": _pace_of(catch_up) if catch_up else None,
        "owed": owes(session, held) if active else [],
    }


def _pace_of(row: CatchUp) -> str:
    posts = f"{row.posts} posts at a time, " if row.posts > 1 else ""
    coming = "paused" if row.paused_at else f"next on {row.next_on or 'the next day of it'}"
    return f"{posts}{Cadence.from_json(row.pace).in_words()}; {coming}"


def _coming(letter: NextLetter | None, zone: str) -> str | None:
    if letter is None:
        return None
    posts = [*letter.out, *(f"{slug} (planned)" for slug in letter.planned)]
    return f"{letter.kind}, {shown(to_wall(letter.moment, zone))} {zone}: {', '.join(posts)}"
