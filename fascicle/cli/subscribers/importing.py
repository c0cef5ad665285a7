"""subscribers import: a list of readers of any length."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from fascicle.app import App
from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import progress, record, say, warn
from fascicle.cli.subscribers.refusals import Refusals
from importers.subscribers import no_readers
from importers.values import ImportRefused, RefusedRow
from scheduler.reader_import import ReaderImport, ReaderList, Row, open_list, stands_at
from scheduler.readers import ReaderDefaults


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a column `email`, and others that may be there.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look for problems; write nothing.")] = False,
    skip_refused: Annotated[
        bool, typer.Option("--skip-refused", help="Take in the others when lines cannot be taken in.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the lines that cannot be taken in, and why, to this file (CSV).")
    ] = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Subscribe everybody in a file. Broken off, and run again, it goes on where it was. Who left stays away.

    When a line cannot be taken in, it is named, and nothing is written unless you skip such lines.
    """
    with app_of(context) as app, Refusals(report) as refusals:
        site = app.config.site
        defaults = ReaderDefaults(site.zone, site.language)
        readers = open_list(app.store, file, defaults=defaults, skip_refused=skip_refused)
        stood = stands_at(app.store, readers)
        if not skip_refused and not stood:
            _check(readers, refusals)
        if skip_refused or not refusals.lines:
            counts = _take_in(app, readers, refusals, now=now, dry=dry_run, stood=0 if skip_refused else stood)
    refusals.tell()
    if refusals.lines and not skip_refused:
        warn("Nothing was written; mend the above and import again, or leave such lines out with --skip-refused.")
        raise typer.Exit(1)
    _tell(counts, refusals, dry_run=dry_run, as_json=as_json)
    if refusals.lines:
        raise typer.Exit(1)


def _check(readers: ReaderList, refusals: Refusals) -> None:
    """Look at all lines before anything is written."""
    found = 0
    with progress("Checking", total=readers.lines) as tell:
        for row in _told(readers.rows(), refusals):
            found += 1
            if found % 1000 == 0:
                tell(row.place.line or 0)
    if not found and not refusals.lines:
        raise ImportRefused((no_readers(readers.path),))


def _take_in(
    app: App, readers: ReaderList, refusals: Refusals, *, now: str | None, dry: bool, stood: int
) -> Counter[str]:
    job = ReaderImport(app.store, readers, app.tokens.fingerprint, now=moment(app, now), dry=dry)
    if job.line:
        warn(f"This import was broken off; it goes on below line {job.line}.")
    with progress("Taking in", total=readers.lines) as tell:
        for line in job.take_in(_told(readers.rows(after=stood), refusals)):
            tell(line)
    return job.counts


def _told(rows: Iterable[Row], refusals: Refusals) -> Iterator[Row]:
    """The rows that can be taken in; the others are told."""
    for row in rows:
        if isinstance(row, RefusedRow):
            refusals.add(row)
        else:
            yield row


def _tell(counts: Counter[str], refusals: Refusals, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        kinds = ("new", "changed", "left before", "suppressed")
        values = {kind.replace(" ", "_"): counts[kind] for kind in kinds} | {"refused": refusals.lines}
        record(values, as_json=True)
        return
    parts = [f"{count:,} {kind}" for kind, count in sorted(counts.items())]
    parts += [f"{refusals.lines:,} refused"] if refusals.lines else []
    say(f"{'Would be' if dry_run else 'Subscribers'}: {', '.join(parts) or 'nobody'}.")
