"""What was just done, with the way back."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import plans
from db import series as all_series
from scheduler.edit import Action, records, stacks
from scheduler.edit.history import can_walk


@dataclass(frozen=True)
class Toast:
    """`can_undo` unless something came out since, or the edit was itself an undo; then `can_redo`."""

    series: str
    title: str
    words: str
    moves: int
    version: int
    can_undo: bool
    can_redo: bool


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
        can_undo=last.action != Action.undo and bool(found.done) and can_walk(found.done[-1], series),
        can_redo=last.action == Action.undo and bool(found.undone) and can_walk(found.undone[-1], series),
    )
