"""deliveries: the ledger of letters."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import editions, ledger, subscribers
from db.errors import BadValue
from db.ledger import Entry, Wanted
from db.states import DeliveryState
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import listing, say, warn
from fascicle.cli.sending.steering import ReasonOption, by, letters
from scheduler import steer

Ids = Annotated[list[int], typer.Argument(metavar="ID…", help="Letters, by the ids that `deliveries list` shows.")]


def list_deliveries(
    context: typer.Context,
    edition: Annotated[str | None, typer.Option(metavar="KEY", help="Only letters of this edition.")] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="Only letters in this state.")] = None,
    address: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only letters to this subscriber.")] = None,
    in_doubt: Annotated[bool, typer.Option("--in-doubt", help="Only letters in doubt that nobody settled.")] = False,
    after: Annotated[int, typer.Option(metavar="ID", help="Only letters after this one.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """The ledger: each letter, its state, the relay's own words."""
    with app_of(context) as app, app.store.reading() as session:
        wanted = _wanted(session, edition=edition, state=state, address=address, in_doubt=in_doubt)
        found = ledger.page(session, wanted, after=after, limit=limit + 1)
    listing([row_of(entry) for entry in found[:limit]], as_json=as_json, empty="No letters.")
    if len(found) > limit:
        warn(f"There are more: --after {found[limit - 1].delivery.id} goes on.")


def _wanted(
    session: Session, *, edition: str | None, state: DeliveryState | None, address: str | None, in_doubt: bool
) -> Wanted:
    return Wanted(
        edition_id=editions.by_key(session, edition).id if edition else None,
        state=state,
        subscriber_id=subscribers.by_address(session, address).id if address else None,
        undecided=in_doubt,
    )


def row_of(entry: Entry) -> dict[str, object]:
    row = entry.delivery
    return {
        "id": row.id,
        "edition": entry.edition.key,
        "address": row.address,
        "state": row.state,
        "tries": row.attempts,
        "code": row.code,
        "reply": row.reply,
        "ended": row.settled_at,
        "next_try": row.retry_at,
    }


def retry(
    context: typer.Context,
    ids: Ids,
    hard: Annotated[bool, typer.Option("--hard", help="One letter that was refused for good.")] = False,
    reason: ReasonOption = "",
) -> None:
    """Try soft letters now, instead of at their hour."""
    if hard and len(ids) > 1:
        raise BadValue("--hard takes one letter at a time: see first why it was refused")
    with app_of(context) as app:
        if hard:
            steer.retry_hard(app.store, ids[0], by(reason))
        else:
            steer.retry_letters(app.store, ids, by(reason))
    say(f"{letters(len(set(ids)))} will be tried now.")


def resend(context: typer.Context, ids: Ids, reason: ReasonOption = "") -> None:
    """Send letters in doubt again, byte for byte the same, once."""
    with app_of(context) as app:
        steer.resend(app.store, ids, by(reason))
    say(f"{letters(len(set(ids)))} will be sent again, with the same Message-ID.")


def settle(context: typer.Context, ids: Ids, reason: ReasonOption = "") -> None:
    """Leave letters in doubt for good: they count as sent and are never sent again."""
    with app_of(context) as app:
        steer.settle(app.store, ids, by(reason))
    say(f"Settled: {letters(len(set(ids)))} will not be sent again.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The ledger of letters.", no_args_is_help=True)
    group.command("list")(list_deliveries)
    group.command("retry")(retry)
    group.command("resend")(resend)
    group.command("settle")(settle)
    app.add_typer(group, name="deliveries")
