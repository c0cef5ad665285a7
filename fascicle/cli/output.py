"""What commands print: tables for people, JSON for programs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

# Made at each use: tests and pipes change what stdout is.


def out() -> Console:
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line of plain words."""
    out().print(text, markup=False)


def warn(text: str) -> None:
    err().print(text, markup=False)


def listing(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Rows as a table whose heads are the keys of the first, or as a JSON list; `empty` is said where there is none."""
    if as_json:
        print(json.dumps([dict(row) for row in rows], default=plain, ensure_ascii=False, indent=2))  # noqa: T201
    elif not rows:
        say(empty)
    else:
        _table(rows)


def record(values: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing with its named values."""
    if as_json:
        print(json.dumps(dict(values), default=plain, ensure_ascii=False, indent=2))  # noqa: T201
        return
    for name, value in values.items():
        say(f"{name.replace('_', ' ')}: {shown(value)}")


@contextmanager
def progress(what: str, *, total: int, of: str = "lines") -> Iterator[Callable[[int], None]]:
    """A bar for people who watch, on stderr; what it gives is told how far the work has come."""
    console = err()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(of),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(shown(value) for value in row.values()))
    Console(highlight=False, markup=False).print(table)


def shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    if isinstance(value, datetime):
        return f"{value:%a %Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)


def plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
