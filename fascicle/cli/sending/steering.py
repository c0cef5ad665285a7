"""What the commands that steer share: who does it and why."""

from typing import Annotated

import typer

from fascicle.cli.context import operator
from scheduler.steer import By
from timing.clocks import machine_now

ReasonOption = Annotated[str, typer.Option(help="Why; kept in the record of who did what.")]


def by(reason: str) -> By:
    """The person at the command line, now."""
    return By(operator(), machine_now(), reason)


def letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"
