"""Editing a plan: an edit is a value, previewed as a difference, applied only as previewed, kept in a history."""

from scheduler.edit.apply import (
    PlanChanged,
    Proposal,
    apply,
    apply_at_once,
    apply_unseen,
    cadence_of,
    load,
    proposing,
)
from scheduler.edit.diff import Action, Change, Diff, Preview, preview
from scheduler.edit.edits import Edit
from scheduler.edit.history import redoing, stacks, undoing
from scheduler.edit.holds import HoldNow, LetGo
from scheduler.edit.order import Insert, MoveBeside, Relabel, Remove, Renumber, Swap
from scheduler.edit.reading import read_moment
from scheduler.edit.rules import AddBlackout, Keep, NewCadence, NewZone, Pause, RemoveBlackout, Resume
from scheduler.edit.times import MoveAlone, MoveWithRest, Pin, Reflow, ShiftDays, ShiftSlots, StartAll, Unpin

__all__ = [
    "Action", "AddBlackout", "Change", "Diff", "Edit", "HoldNow", "Insert", "Keep", "LetGo", "MoveAlone", "MoveBeside",
    "MoveWithRest", "NewCadence", "NewZone", "Pause", "Pin", "PlanChanged", "Preview", "Proposal", "Reflow", "Relabel",
    "Remove", "RemoveBlackout", "Renumber", "Resume", "ShiftDays", "ShiftSlots", "StartAll", "Swap", "Unpin", "apply",
    "apply_at_once", "apply_unseen", "cadence_of", "load", "preview", "proposing", "read_moment", "redoing", "stacks",
    "undoing",
]  # fmt: skip
