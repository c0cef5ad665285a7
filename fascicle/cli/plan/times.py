"""plan pin, unpin, start, shift, reflow, undo, redo: when posts come, and taking it back."""

from typing import Annotated

import typer

from db.errors import BadValue
from fascicle.cli.context import JsonOption
from fascicle.cli.plan.proposing import DryRun, How, PostName, SeriesName, Yes, day, edit, moment, propose
from scheduler.edit import Edit, Pin, Reflow, ShiftDays, ShiftSlots, StartAll, Unpin, redoing, undoing

Steps = Annotated[int, typer.Option(min=1, help="How many edits.")]


def pin(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    when: Annotated[str, typer.Argument(help="A date, or '2026-03-05 18:00', in the zone of the series.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Tie a post to a moment of its own; those after it come after it."""
    edit(context, series, lambda found, _: Pin(post, moment(when, found)), How(dry_run, yes, as_json))


def unpin(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Let a post take a slot of the cadence again."""
    edit(context, series, lambda *_: Unpin(post), How(dry_run, yes, as_json))


def start(
    context: typer.Context,
    series: SeriesName,
    on: Annotated[str, typer.Argument(metavar="DAY", help="The day from which on the first post takes a slot.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Let all that takes slots begin on a day, at the distances it has; pins stay."""
    edit(context, series, lambda *_: StartAll(day(on)), How(dry_run, yes, as_json))


def shift(
    context: typer.Context,
    series: SeriesName,
    after: Annotated[str, typer.Option(metavar="POST", help="Everything after this post.")],
    slots: Annotated[int | None, typer.Option(help="By so many slots of the cadence; pins stay.")] = None,
    days: Annotated[int | None, typer.Option(help="By so many days, pins too.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Move all after a post later, or earlier with a negative number."""
    if (slots is None) == (days is None):
        raise BadValue("say by how much: --slots N or --days N")
    wanted: Edit = ShiftDays(after, days or 0) if slots is None else ShiftSlots(after, slots)
    edit(context, series, lambda *_: wanted, How(dry_run, yes, as_json))


def reflow(
    context: typer.Context,
    series: SeriesName,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Give what is overdue, and all after it, the coming slots; a hold is lifted."""
    edit(context, series, lambda *_: Reflow(), How(dry_run, yes, as_json))


def undo(
    context: typer.Context,
    series: SeriesName,
    steps: Steps = 1,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Take back the last edits, unless a post came out since."""
    propose(context, series, lambda *_: undoing(steps), How(dry_run, yes, as_json))


def redo(
    context: typer.Context,
    series: SeriesName,
    steps: Steps = 1,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Do again what was taken back last."""
    propose(context, series, lambda *_: redoing(steps), How(dry_run, yes, as_json))
