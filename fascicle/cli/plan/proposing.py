"""How every edit of a plan is asked for: shown as a difference, agreed to, then done over just what was shown."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import typer

from db import series as all_series
from db.states import PostState
from db.tables import Series
from fascicle.cli.context import app_of, operator
from fascicle.cli.output import listing, plain, say, shown, warn
from scheduler.cadence import parse_date
from scheduler.edit import Action, Change, Edit, Preview, Proposal, apply, proposing, read_moment
from scheduler.plan import Placed
from timing.wall import to_wall

SeriesName = Annotated[str, typer.Argument(metavar="SERIES", help="The slug of the series.")]
PostName = Annotated[str, typer.Argument(metavar="POST", help="The post's slug, or its number.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]

SHOWN_SLOTS = 12
"""Skipped slots that a person is shown; --json has all."""


@dataclass(frozen=True)
class How:
    dry_run: bool
    yes: bool
    as_json: bool


def edit(context: typer.Context, slug: str, make: Callable[[Series, datetime], Edit], how: How) -> None:
    """Show what an edit would do, ask, do it. `make` is given the series, and what clocks show there now."""
    propose(context, slug, lambda series, now: proposing(make(series, now)), how)


def propose(context: typer.Context, slug: str, make: Callable[[Series, datetime], Proposal], how: How) -> None:
    with app_of(context) as app:
        now = app.now()
        with app.store.reading() as session:
            series = all_series.by_slug(session, slug)
            proposal = make(series, to_wall(now, series.zone))
            thought, version = proposal(session, series, now), series.version
        agreed = _agreed(thought, how)
        if agreed:
            with app.store.writing() as session:
                hash = thought.diff.hash
                apply(session, series.id, proposal, version=version, hash=hash, actor=operator(), now=app.now())
        if how.as_json:
            print(json.dumps({"applied": agreed, **_as_values(thought)}, default=plain, ensure_ascii=False, indent=2))  # noqa: T201
        elif agreed:
            say(f"Done. `fascicle plan {'redo' if thought.action is Action.undo else 'undo'} {slug}` takes it back.")
        elif how.dry_run or sys.stdin.isatty():
            say("Nothing was written.")
    if not agreed and not how.dry_run:
        raise typer.Exit(1)


def _agreed(thought: Preview, how: How) -> bool:
    if not how.as_json:
        _show(thought)
    if how.dry_run or how.yes:
        return how.yes and not how.dry_run
    if how.as_json or not sys.stdin.isatty():
        warn("Nothing was written; --yes does it, --dry-run only looks.")
        return False
    return typer.confirm("Do it?", default=False)


def _show(thought: Preview) -> None:
    changes = [_row(change) for change in thought.diff.changes]
    listing(changes, as_json=False, empty="No post changes.")
    for rule in thought.diff.rules:
        say(rule)
    for slot in thought.diff.skipped[:SHOWN_SLOTS]:
        say(f"skipped: {shown(slot.at)} ({slot.why})")
    if len(thought.diff.skipped) > SHOWN_SLOTS:
        say(f"skipped: {len(thought.diff.skipped) - SHOWN_SLOTS} more slots")
    for note in thought.diff.notes:
        say(f"note: {note}")
    say("1 post moves." if thought.diff.moves == 1 else f"{thought.diff.moves} posts move.")


def _row(change: Change) -> dict[str, object]:
    before, after = change.before, change.after
    number = after.number if before.number == after.number else f"{before.number or '–'} → {after.number or '–'}"
    return {
        "number": number,
        "title": after.title,
        "slug": after.slug,
        "before": _when(before, after),
        "after": _when(after, before),
        "how": "pinned" if after.pin else f"not before {shown(after.earliest)}" if after.earliest else "",
    }


def _when(post: Placed, other: Placed) -> object:
    if post.wall is None:
        return "no date" if post.state == PostState.planned else post.state
    if post.wall == other.wall and post.due_at != other.due_at and post.due_at is not None:
        return f"{shown(post.wall)} ({post.due_at:%a %H:%M} UTC)"
    return post.wall


def _as_values(thought: Preview) -> dict[str, object]:
    diff = thought.diff
    return {
        "words": thought.words,
        "moves": diff.moves,
        "hash": diff.hash,
        "changes": [_change_values(change) for change in diff.changes],
        "rules": diff.rules,
        "skipped": [{"at": slot.at, "why": slot.why} for slot in diff.skipped],
        "notes": diff.notes,
    }


def _change_values(change: Change) -> dict[str, object]:
    names = ("number", "state", "wall", "due_at", "pin", "earliest")
    sides = {"before": change.before, "after": change.after}
    return {"slug": change.after.slug} | {
        side: {name: getattr(post, name) for name in names} for side, post in sides.items()
    }


def day(text: str) -> date:
    """A day as people type it. Raises BadValue."""
    return parse_date(text)


def moment(text: str, series: Series) -> datetime:
    """A local date with a time, or a date alone, which takes the series' hour. Raises BadValue."""
    return read_moment(text, series.hour)
