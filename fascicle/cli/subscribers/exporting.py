"""subscribers export: everybody, as a list that the import reads back."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from sqlalchemy.orm import Session

from db.errors import BadValue
from fascicle.cli.context import JsonOption, app_of
from fascicle.cli.output import plain, warn
from importers.subscribers import COLUMNS
from scheduler.reader_export import everybody, record_of, rows_of


def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to write it; to stdout unless given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write everybody, those who left too, as CSV that `subscribers import` reads back to the same, or as JSON."""
    with app_of(context) as app, app.store.reading() as session, _written(file) as target:
        count = (_write_json if as_json else _write_csv)(session, target)
    if file is not None:
        warn(f"{count:,} subscribers are in {file}.")


def _write_csv(session: Session, target: TextIO) -> int:
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for count, (reader, held) in enumerate(everybody(session), 1):  # noqa: B007 - told at the end
        writer.writerows(rows_of(reader, held))
    return count


def _write_json(session: Session, target: TextIO) -> int:
    """A JSON list, one reader a line, so that nobody has to hold all of it."""
    count = 0
    target.write("[")
    for count, (reader, held) in enumerate(everybody(session), 1):
        line = json.dumps(record_of(reader, held), default=plain, ensure_ascii=False)
        target.write(f"{',' if count > 1 else ''}\n{line}")
    target.write("\n]\n")
    return count


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """The file, for its owner alone, and there only once it is whole; or stdout."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadValue(f"{path}: cannot be written: {error.strerror}") from None
