"""editions show: one edition, once or as it goes."""

import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.text import Text

from db import editions
from db.tables import Audit
from fascicle.app import App
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import out, record, shown
from scheduler.progress import Progress, progress_of
from timing.clocks import machine_now

_STATES = ("sent", "soft", "hard", "in_doubt", "superseded", "pending")
_BETWEEN = 1.0
"""Seconds between two looks."""


def by_state(counts: Mapping[str, int]) -> dict[str, int]:
    """Letters by state; those with the relay this moment count as pending."""
    return {state: counts.get(state, 0) + (counts.get("intent", 0) if state == "pending" else 0) for state in _STATES}


def show(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The edition, such as digest:Europe/Berlin:07:2026-03-05.")],
    watch: Annotated[bool, typer.Option("--watch", help="Look again every second until it is over.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One edition: what it contains, how far it is, how fast it goes, what is in its way."""
    with app_of(context) as app:
        values, over = _look(app, key)
        if watch and not as_json and sys.stdout.isatty():
            _follow(app, key, values, over=over)
        else:
            record(values, as_json=as_json)


def _follow(app: App, key: str, values: Mapping[str, Any], *, over: bool) -> None:
    """Ends by itself when the edition is over, and without a word at Ctrl-C."""
    with Live(_block(values), console=out(), auto_refresh=False) as live:
        try:
            while not over:
                time.sleep(_BETWEEN)
                values, over = _look(app, key)
                live.update(_block(values), refresh=True)
        except KeyboardInterrupt:
            return


def _block(values: Mapping[str, Any]) -> Text:
    return Text("\n".join(f"{name.replace('_', ' ')}: {shown(value)}" for name, value in values.items()))


def _look(app: App, key: str) -> tuple[dict[str, Any], bool]:
    with app.store.reading() as session:
        edition = editions.by_key(session, key)
        progress = progress_of(session, edition, now=machine_now())
        contained = editions.contained(session, edition.id)
        steered = editions.last_steered(session, edition.id)
    values = {
        "edition": key,
        "moment": edition.moment,
        "state": edition.state,
        "steered": _steered(steered),
        "series": [f"{one.series} up to {one.cut}: {', '.join(one.posts) or 'nothing yet'}" for one in contained],
        **by_state(progress.letters),
        **_pace(progress),
    }
    return values, progress.over


def _steered(last: Audit | None) -> str | None:
    if last is None:
        return None
    letter = f" of letter {last.detail['letter']}" if "letter" in last.detail else ""
    reason = f": {last.detail['reason']}" if last.detail.get("reason") else ""
    return f"{last.action}{letter} by {last.actor}, {shown(last.at)}{reason}"


def _pace(progress: Progress) -> dict[str, Any]:
    return {
        "batches": f"{progress.tally.finished} of {progress.tally.batches} finished",
        "first_letter": progress.first,
        "last_letter": progress.last,
        "per_second": round(progress.per_second, 1),
        "time_left": _said(progress.time_left),
        "problems": [f"{problem}; next try {shown(at)}" if at else problem for problem, at in progress.problems],
    }


def _said(left: timedelta | None) -> str | None:
    return None if left is None else f"about {left}"
