"""bounces: what came back of the letters."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from db import bounces, subscribers
from db.bounces import Returned
from db.errors import BadValue
from db.states import BounceKind
from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import listing, warn
from fascicle.returning import taker_of
from mail.mime import MessageRefused, read_some

STDIN = Path("-")


def read(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Messages as they came; - is standard input.")],
    recipient: Annotated[str, typer.Option(metavar="EMAIL", help="Whom they were for by their envelope.")] = "",
    as_json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take messages that came back, and say of each what it says and what followed."""
    rows: list[dict[str, object]] = []
    refused = False
    with app_of(context) as app:
        at = moment(app, now)
        taker = taker_of(app.config, app.store, app.house, lambda: at)
        for path in files:
            try:
                taken = taker.take(_message(path), recipient, now=at)
            except MessageRefused as error:
                warn(f"{path}: {error}")
                refused = True
                continue
            rows.append(
                {
                    "file": str(path),
                    "says": taken.says.value,
                    "effect": taken.effect.value,
                    "address": taken.address,
                    "edition": taken.edition,
                    "status": taken.status,
                    "words": taken.words,
                }
            )
    listing(rows, as_json=as_json, empty="Nothing was read.")
    if refused:
        raise typer.Exit(1)


def _message(path: Path) -> bytes:
    if path == STDIN:
        return read_some(sys.stdin.buffer)
    try:
        with path.open("rb") as file:
            return read_some(file)
    except OSError as error:
        raise BadValue(f"{path}: cannot be read: {error.strerror}") from None


def list_bounces(
    context: typer.Context,
    kind: Annotated[BounceKind | None, typer.Option(help="Only those that say this.")] = None,
    address: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only letters to this subscriber.")] = None,
    before: Annotated[int | None, typer.Option(metavar="ID", help="Only those older than this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """What came back, the newest first, with the servers' own words."""
    with app_of(context) as app, app.store.reading() as session:
        reader = subscribers.by_address(session, address).id if address else None
        found = bounces.newest(session, kind=kind, subscriber_id=reader, before=before, limit=limit + 1)
    listing([_row(one) for one in found[:limit]], as_json=as_json, empty="Nothing came back.")
    if len(found) > limit:
        warn(f"There are more: --before {found[limit - 1].bounce.id} goes on.")


def _row(one: Returned) -> dict[str, object]:
    row = one.bounce
    return {
        "id": row.id,
        "at": row.at,
        "address": one.delivery.address,
        "edition": one.edition_key,
        "letter": row.delivery_id,
        "says": row.kind,
        "status": row.status,
        "words": row.words,
        "reporter": row.reporter,
        "forgiven": row.forgiven_at,
    }


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="What came back of the letters.", no_args_is_help=True)
    group.command("read")(read)
    group.command("list")(list_bounces)
    app.add_typer(group, name="bounces")
