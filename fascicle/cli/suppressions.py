"""suppressions: the addresses that get nothing."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer

from db import suppressions
from db.errors import FascicleError
from db.states import SuppressionKind
from db.tables import Suppression
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import listing, say, warn
from fascicle.cli.sending.steering import ReasonOption, by
from importers.subscribers import subscriber_of
from importers.suppressions import COLUMNS, read_suppressions
from importers.values import Problem
from scheduler import suppressing
from scheduler.suppressing import Line
from scheduler.suppression_export import everybody, record_of, row_of


def list_suppressions(
    context: typer.Context,
    kind: Annotated[SuppressionKind | None, typer.Option(help="Only those for this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Who gets nothing, the newest first, and why."""
    with app_of(context) as app, app.store.reading() as session:
        found = suppressions.newest(session, kind=kind, limit=limit + 1)
    listing([record_of(one) for one in found[:limit]], as_json=as_json, empty="Nobody is suppressed.")
    if len(found) > limit:
        warn("There are more: --limit shows them, `fascicle suppressions export` has them all.")


def add(context: typer.Context, email: str, reason: ReasonOption = "") -> None:
    """Write to an address no more, whatever any import says."""
    address = _address(email)
    with app_of(context) as app, app.store.writing() as session:
        new = suppressing.add(session, address, app.tokens.fingerprint, by(reason))
    say(f"{address} gets nothing any more." if new else f"{address} was suppressed before; nothing changed.")


def remove(
    context: typer.Context,
    email: str,
    resume: Annotated[
        bool, typer.Option("--resume", help="Their letters go on: their server was at fault, not they.")
    ] = False,
    reason: ReasonOption = "",
) -> None:
    """Take an address off the list, so that its owner may subscribe again."""
    address = _address(email)
    with app_of(context) as app, app.store.writing() as session:
        suppressing.lift(session, address, app.tokens.fingerprint, by(reason), resume=resume)
    say(f"{address} gets letters again." if resume else f"{address} may subscribe again; nothing is sent before that.")


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: email, kind, reason, since; or one address a line.")],
    as_json: JsonOption = False,
) -> None:
    """Suppress all addresses of a file, line by line; what is wrong with a line is said, and the others are taken."""
    counted: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    with app_of(context) as app:
        for line in suppressing.take_in(app.store, read_suppressions(file), app.tokens.fingerprint, by("")):
            became = _became(line)
            counted[became] += 1
            if as_json:
                rows.append(_told(line, became))
            elif isinstance(line.source, Problem):
                warn(str(line.source))
    if as_json:
        listing(rows, as_json=True, empty="")
    else:
        say("Lines: " + (", ".join(f"{count} {became}" for became, count in counted.items()) or "none") + ".")
    if counted["refused"]:
        raise typer.Exit(1)


def _became(line: Line) -> str:
    if isinstance(line.source, Problem):
        return "refused"
    return "suppressed" if line.new else "suppressed before"


def _told(line: Line, became: str) -> dict[str, object]:
    source = line.source
    if isinstance(source, Problem):
        return {"line": source.place.line, "became": became, "problem": source.message}
    return {"line": source.place.line, "became": became, "email": source.email, "fingerprint": source.fingerprint}


def export(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A file; standard output unless given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The whole list as CSV, which `suppressions import` takes back. Of erased addresses it has the fingerprint."""
    with app_of(context) as app:
        if as_json:
            listing([record_of(one) for one in everybody(app.store)], as_json=True, empty="")
        elif to is None:
            _write(sys.stdout, everybody(app.store))
        else:
            _write_file(to, everybody(app.store))


def _write_file(path: Path, found: Iterator[Suppression]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            count = _write(file, found)
    except OSError as error:
        raise FascicleError(f"{path}: cannot be written: {error.strerror}") from None
    say(f"{path}: {count} addresses.")


def _write(file: TextIO, found: Iterator[Suppression]) -> int:
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for one in found:
        writer.writerow(row_of(one))
        count += 1
    return count


def _address(email: str) -> str:
    values = dict.fromkeys(("name", "zone", "hour", "frequency", "series", "language"), "")
    return subscriber_of({**values, "email": email}, place="command line").email


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Addresses that get nothing.", no_args_is_help=True)
    group.command("list")(list_suppressions)
    group.command("add")(add)
    group.command("remove")(remove)
    group.command("import")(import_)
    group.command("export")(export)
    app.add_typer(group, name="suppressions")
