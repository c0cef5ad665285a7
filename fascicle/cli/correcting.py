"""posts withdraw, restore, rename; series rename, end, reopen, retire: correcting what is out."""

from collections.abc import Callable
from typing import Annotated

import typer

from db import series as all_series
from fascicle.cli.context import app_of, operator
from fascicle.cli.output import say
from scheduler import correct

SeriesName = Annotated[str, typer.Argument(metavar="SERIES", help="The slug of the series.")]
PostSlug = Annotated[str, typer.Argument(metavar="POST", help="The slug of the post.")]
NewSlug = Annotated[str, typer.Argument(metavar="NEW", help="The new slug.")]


def _do(context: typer.Context, series: str, what: Callable[..., None], *words: str) -> None:
    with app_of(context) as app, app.store.writing() as session:
        found = all_series.by_slug(session, series)
        what(session, found, *words, actor=operator(), now=app.now())


def withdraw(context: typer.Context, series: SeriesName, post: PostSlug) -> None:
    """Take back a post that is out: its page is gone, feeds say so, letters to come leave it out."""
    _do(context, series, correct.withdraw, post)
    say(f"{post} is withdrawn. `fascicle posts restore {series} {post}` puts it back.")


def restore(context: typer.Context, series: SeriesName, post: PostSlug) -> None:
    """Put a withdrawn post back; readers who have been past it get no letter."""
    _do(context, series, correct.restore, post)
    say(f"{post} is out again.")


def rename_post(context: typer.Context, series: SeriesName, post: PostSlug, new: NewSlug) -> None:
    """Give a post another slug; its old address leads on to the new one."""
    _do(context, series, correct.rename_post, post, new)
    say(f"{post} is {new} now.")


def rename_series(context: typer.Context, series: SeriesName, new: NewSlug) -> None:
    """Give a series another slug; its old addresses lead on to the new ones."""
    _do(context, series, correct.rename_series, new)
    say(f"Series {series} is {new} now. `fascicle feeds build` writes its feeds; `serve` does it by itself.")


def end(context: typer.Context, series: SeriesName) -> None:
    """Say in the feed of a series that it has come to its end."""
    _do(context, series, correct.end)
    say(f"Series {series} has ended; its feed says so. `fascicle series reopen {series}` takes that back.")


def reopen(context: typer.Context, series: SeriesName) -> None:
    """Let a series that has ended, or is retired, go on."""
    _do(context, series, correct.reopen)
    say(f"Series {series} goes on.")


def retire(context: typer.Context, series: SeriesName) -> None:
    """Take a series off the site: its addresses say that it is gone, and nothing of it comes out."""
    _do(context, series, correct.retire)
    say(f"Series {series} is retired. `fascicle series reopen {series}` brings it back.")


def add_to_posts(group: typer.Typer) -> None:
    group.command("withdraw")(withdraw)
    group.command("restore")(restore)
    group.command("rename")(rename_post)


def add_to_series(group: typer.Typer) -> None:
    group.command("rename")(rename_series)
    group.command("end")(end)
    group.command("reopen")(reopen)
    group.command("retire")(retire)
