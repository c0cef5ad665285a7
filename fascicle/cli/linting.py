"""lint: what is wrong with the plans."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from db import series as all_series
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import listing, say
from scheduler.lint import Finding, Severity, read_books
from scheduler.lint import lint as look


def lint(
    context: typer.Context,
    series: Annotated[str | None, typer.Argument(help="Only findings of this series.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for faults in the plans, each with what would mend it. Changes nothing; exit code 1 when there are any."""
    with app_of(context) as app:
        now = app.now()
        with app.store.reading() as session:
            if series is not None:
                all_series.by_slug(session, series)
            books = read_books(session)
        found = look(books, now=now, site_url=app.config.site.url)
    found = [one for one in found if series in (None, one.series)]
    if as_json:
        listing([asdict(one) for one in found], as_json=True, empty="")
    else:
        _tell(found)
    if found:
        raise typer.Exit(1)


def _tell(found: Sequence[Finding]) -> None:
    for series, findings in groupby(found, key=lambda one: one.series):
        say(series)
        for one in findings:
            say(f"  {one.severity:<7}  {one.message}  [{one.rule}]")
            say(f"  {'':<7}  {one.mend}")
        say("")
    counts = Counter(one.severity for one in found)
    say(", ".join(_counted(severity, counts[severity]) for severity in Severity if counts[severity]) or "No findings.")


def _counted(severity: Severity, count: int) -> str:
    return f"{count} {severity}{'' if count == 1 else 's'}"


def add_to(app: typer.Typer) -> None:
    app.command()(lint)
