"""The Jinja environment of every letter and page, and the filters that write dates in words."""

import datetime as dt
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

# Written out because strftime follows the locale of the machine, and a letter must not.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def environment(*, overrides: Path | None = None) -> Environment:
    """An environment over the templates beside this file; a file of the same name below `overrides` wins.

    Only `.html` is escaped. A name a template does not know raises `jinja2.UndefinedError` instead of printing nothing.
    """
    folders = [Path(__file__).parent] if overrides is None else [overrides, Path(__file__).parent]
    env = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(("html",), default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(long_date=long_date, day_month=day_month, clock=clock)
    return env


def long_date(day: dt.date) -> str:
    """`Thursday 5 March 2026`."""
    return f"{_DAYS[day.weekday()]} {day_month(day)} {day.year}"


def day_month(day: dt.date) -> str:
    """`5 March`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def clock(moment: dt.datetime) -> str:
    """`07:00`, in the zone the moment carries."""
    return f"{moment.hour:02}:{moment.minute:02}"
