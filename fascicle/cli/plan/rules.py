"""plan cadence, blackout, pause, resume, hold, zone: what the moments come from, and whether it comes at all."""

from datetime import datetime
from typing import Annotated

import typer

from db.tables import Series
from fascicle.cli.context import JsonOption
from fascicle.cli.plan.proposing import DryRun, How, SeriesName, Yes, day, edit
from scheduler.cadence import parse_words
from scheduler.edit import AddBlackout, Edit, HoldNow, Keep, NewCadence, NewZone, Pause, RemoveBlackout, Resume

Reason = Annotated[str, typer.Option(help="Why, for those who look at the plan.")]


def cadence(
    context: typer.Context,
    series: SeriesName,
    words: Annotated[str, typer.Argument(help="Such as 'weekdays at 07:00 from 3 March 2026'.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Give a series another rule; posts that are neither pinned nor due take its slots."""
    edit(context, series, lambda *_: NewCadence(parse_words(words)), How(dry_run, yes, as_json))


def blackout(
    context: typer.Context,
    series: SeriesName,
    first: Annotated[str, typer.Argument(help="The first day.")],
    last: Annotated[str | None, typer.Argument(help="The last day; the first unless given.")] = None,
    reason: Reason = "blackout",
    remove: Annotated[bool, typer.Option("--remove", help="Open the days of this blackout again.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Close days: nothing takes a slot on them, pinned posts stay."""
    wanted: Edit = RemoveBlackout(day(first)) if remove else AddBlackout(day(first), day(last or first), reason)
    edit(context, series, lambda *_: wanted, How(dry_run, yes, as_json))


def pause(
    context: typer.Context,
    series: SeriesName,
    since: Annotated[str | None, typer.Option("--from", help="The first day; today unless given.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day; open unless given.")] = None,
    reason: Reason = "pause",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Let nothing come out for a while, pinned posts neither."""
    last = day(until) if until else None

    def make(_: Series, now: datetime) -> Edit:
        return Pause(day(since) if since else now.date(), last, reason)

    edit(context, series, make, How(dry_run, yes, as_json))


def resume(
    context: typer.Context,
    series: SeriesName,
    on: Annotated[str | None, typer.Option(help="The first open day; today unless given.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """End a pause."""
    edit(context, series, lambda _, now: Resume(day(on) if on else now.date()), How(dry_run, yes, as_json))


def hold(
    context: typer.Context,
    series: SeriesName,
    reason: Annotated[str, typer.Argument(help="Why, for those who look at the plan.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Let nothing come out, with all moments as they are, until `series unhold` lets it go on."""
    edit(context, series, lambda *_: HoldNow(reason), How(dry_run, yes, as_json))


def zone(
    context: typer.Context,
    series: SeriesName,
    name: Annotated[str, typer.Argument(metavar="ZONE", help="An IANA zone, such as Europe/Riga.")],
    keep: Annotated[Keep, typer.Option(help="What stays: what clocks show, or the instants.")] = Keep.wall,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Move a series to another zone."""
    edit(context, series, lambda *_: NewZone(name, keep), How(dry_run, yes, as_json))
