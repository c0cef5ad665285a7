"""What was just done, with the way back and forth."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy.orm import Session

from db import plans
from db import series as all_series
from scheduler.edit import Action, records, stacks
from scheduler.edit.history import can_walk


@dataclass(frozen=True)
class Toast:
    """Either can be done unless something came out since; `undone` when the last step was an undo."""

    series: str
    title: str
    words: str
    moves: int
    version: int
    can_undo: bool
    can_redo: bool
    undone: bool


def with_done(target: str, slug: str) -> str:
    """The address of a page, asked to show what was done last to a series."""
    parts = urlsplit(target)
    rest = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "done"]
    return parts._replace(query=urlencode([*rest, ("done", slug)])).geturl()


def toast_of(session: Session, slug: str) -> Toast | None:
    """What was done last to the plan of a series; None for one that is not there, or that nobody edited yet."""
    series = all_series.find(session, slug) if slug else None
    history = plans.history(session, series.id) if series else []
    if series is None or not history:
        return None
    last = history[-1]
    if last.action not in (Action.edit, Action.undo, Action.redo):
        return None
    found = stacks(history)
    return Toast(
        series=series.slug,
        title=series.title,
        words=records.words(last.detail),
        moves=last.detail["moves"],
        version=series.version,
        can_undo=bool(found.done) and can_walk(found.done[-1], series),
        can_redo=bool(found.undone) and can_walk(found.undone[-1], series),
        undone=last.action == Action.undo,
    )
