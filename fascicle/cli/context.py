"""What every command shares: the configuration it works with and the moment it works at."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from db.errors import BadValue
from fascicle.app import App, opened
from fascicle.config import Config, read_config
from scheduler.replay import check_now
from timing.clocks import machine_now

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="INSTANT", help="Work at this moment (RFC 3339), such as 2026-03-05T08:00:00Z."),
]


def config_of(context: typer.Context) -> Config:
    path = context.find_root().obj
    assert isinstance(path, Path)
    return read_config(path)


@contextmanager
def app_of(context: typer.Context) -> Iterator[App]:
    with opened(config_of(context)) as app:
        yield app


def moment(app: App, text: str | None) -> datetime:
    """The calendar moment that a one-pass command works at. Raises BadValue or CalendarRefused."""
    if text is None:
        return app.now()
    return check_now(app.store, parse_instant(text), machine=machine_now())


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant. Raises BadValue for anything else, a missing offset included."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadValue(f"{text!r} is not an instant; write it as 2026-03-05T08:00:00Z")
    return instant


def operator() -> str:
    """Who is at the command line, for the history: the name that the system knows, or the number of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
