"""subscribers import: a list of readers of any length."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import progress, record, say, warn
from fascicle.cli.subscribers.refusals import Refusals
from scheduler.list_import import ListImport, Phase
from scheduler.reader_import import open_list
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
        job = ListImport(
            store=app.store,
            readers=readers,
            fingerprint=app.tokens.fingerprint,
            refuse=refusals.add,
            now=moment(app, now),
            skip_refused=skip_refused,
            dry=dry_run,
        )
        _run(job)
    refusals.tell()
    if job.kept_out:
        warn("Nothing was written; mend the above and import again, or leave such lines out with --skip-refused.")
        raise typer.Exit(1)
    _tell(job.counts, refusals, dry_run=dry_run, as_json=as_json)
    if refusals.lines:
        raise typer.Exit(1)


_WORDS = {Phase.checking: "Checking", Phase.taking_in: "Taking in"}


def _run(job: ListImport) -> None:
    """All of it, with a bar for each of its phases."""
    if job.stood and not job.dry:
        warn(f"This import was broken off; it goes on below line {job.stood}.")
    for phase, steps in groupby(job.steps(), key=lambda step: step.phase):
        with progress(_WORDS[phase], total=job.readers.lines) as tell:
            for step in steps:
                tell(step.line)


def _tell(counts: Counter[str], refusals: Refusals, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        kinds = ("new", "changed", "left before", "suppressed")
        values = {kind.replace(" ", "_"): counts[kind] for kind in kinds} | {"refused": refusals.lines}
        record(values, as_json=True)
        return
    parts = [f"{count:,} {kind}" for kind, count in sorted(counts.items())]
    parts += [f"{refusals.lines:,} refused"] if refusals.lines else []
    say(f"{'Would be' if dry_run else 'Subscribers'}: {', '.join(parts) or 'nobody'}.")
