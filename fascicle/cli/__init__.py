"""The command line. Exit codes: 0 done, 1 findings or failures, 2 wrong usage."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from db.errors import (
    BadValue,
    CalendarRefused,
    CatchUpFeedNotFound,
    FascicleError,
    OperatorNotFound,
    PostNotFound,
    SeriesNotFound,
    SubscriberNotFound,
)
from fascicle import __version__
from fascicle.cli import (
    bounces,
    content,
    dkim,
    feeds,
    house,
    letters,
    linting,
    operating,
    plan,
    running,
    sending,
    serials,
    subscribers,
    suppressions,
    templates,
)
from fascicle.cli.output import warn
from fascicle.config import ConfigRefused
from fascicle.logs import set_up_logs
from scheduler.suppressing import SuppressionNotFound

WRONG_USAGE = (
    ConfigRefused,
    BadValue,
    CalendarRefused,
    CatchUpFeedNotFound,
    OperatorNotFound,
    SeriesNotFound,
    PostNotFound,
    SubscriberNotFound,
    SuppressionNotFound,
)

app = typer.Typer(
    name="fascicle",
    help="Release serials chapter by chapter: on their date, into feeds and inboxes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fascicle {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    config: Annotated[Path, typer.Option(help="The configuration to work with.")] = Path("config.yaml"),
    version: Annotated[  # noqa: ARG001 - acted on by its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    context.obj = config
    set_up_logs()


house.add_to(app)
content.add_to(app)
serials.add_to(app)
feeds.add_to(app)
plan.add_to(app)
linting.add_to(app)
subscribers.add_to(app)
sending.add_to(app)
letters.add_to(app)
bounces.add_to(app)
suppressions.add_to(app)
dkim.add_to(app)
templates.add_to(app)
operating.add_to(app)
running.add_to(app)


def main() -> None:
    """Run the command line; a mistake that a person can mend is one message, never a traceback."""
    try:
        app()
    except FascicleError as error:
        warn(str(error))
        sys.exit(2 if isinstance(error, WRONG_USAGE) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
