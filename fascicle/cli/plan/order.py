"""plan insert, remove, swap, move, relabel: which post comes when another does."""

from datetime import datetime
from typing import Annotated

import typer

from db.errors import BadValue
from db.tables import Series
from fascicle.cli.context import JsonOption
from fascicle.cli.plan.proposing import DryRun, How, PostName, SeriesName, Yes, edit, moment
from scheduler.edit import Edit, Insert, MoveAlone, MoveBeside, MoveWithRest, Relabel, Remove, Renumber, Swap

After = Annotated[str | None, typer.Option(metavar="POST", help="Right after this post.")]
Before = Annotated[str | None, typer.Option(metavar="POST", help="Right before this post.")]


def insert(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    after: After = None,
    before: Before = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Put a draft into the plan: beside a post, or where its number belongs; the rest makes room."""
    edit(context, series, lambda *_: Insert(post, after, before), How(dry_run, yes, as_json))


def remove(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Take a post out of the plan: it becomes a draft, and the rest moves up."""
    edit(context, series, lambda *_: Remove(post), How(dry_run, yes, as_json))


def swap(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other post.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Exchange the moments of two posts; no other moves."""
    edit(context, series, lambda *_: Swap(post, other), How(dry_run, yes, as_json))


def move(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    after: After = None,
    before: Before = None,
    to: Annotated[str | None, typer.Option(metavar="WHEN", help="To this date, or date and time.")] = None,
    with_rest: Annotated[bool, typer.Option("--with-rest", help="With --to: all that follow move along.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Move a post beside another, or to a moment: alone, or with all that follow it."""
    if (to is None) == (after is None and before is None) or (with_rest and to is None):
        raise BadValue("say where to: --after POST, --before POST, or --to WHEN (which may have --with-rest)")

    def make(found: Series, _: datetime) -> Edit:
        if to is None:
            return MoveBeside(post, after, before)
        return (MoveWithRest if with_rest else MoveAlone)(post, moment(to, found))

    edit(context, series, make, How(dry_run, yes, as_json))


def relabel(
    context: typer.Context,
    series: SeriesName,
    post: PostName,
    number: Annotated[str | None, typer.Argument(help="The new number; left out, the post has none.")] = None,
    onwards: Annotated[bool, typer.Option("--onwards", help="Number the posts after it, too: 7, 8, 9.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Change the number on a post, or on all from there on. Moments stay."""
    if onwards and not (number and number.isascii() and number.isdecimal()):
        raise BadValue(f"--onwards counts on from a whole number: {number or 'none was given'}")
    wanted: Edit = Renumber(post, int(number or 0)) if onwards else Relabel(post, number)
    edit(context, series, lambda *_: wanted, How(dry_run, yes, as_json))
