"""Undo and redo: edits taken back, the last first, and done again. Nothing that is out moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from db import plans
from db.errors import BadValue
from db.tables import Audit, Series
from scheduler.edit import records
from scheduler.edit.apply import Proposal, load
from scheduler.edit.diff import Action, Preview, compare
from scheduler.plan import Plan, with_instants
from timing.wall import to_wall


class Stacks(NamedTuple):
    """Edits that may be undone, and those that may be done again; the next one is the last of each."""

    done: list[Audit]
    undone: list[Audit]


def stacks(history: Sequence[Audit]) -> Stacks:
    """What of a history (oldest first) can be taken back. An import or a correction cannot, nor what came before."""
    found = Stacks([], [])
    for record in history:
        steps = len(record.detail.get("steps", ()))
        if record.action == Action.edit:
            found.done.append(record)
            found.undone.clear()
        elif record.action == Action.undo:
            found.undone.extend(found.done.pop() for _ in range(steps))
        elif record.action == Action.redo:
            found.done.extend(found.undone.pop() for _ in range(steps))
        elif record.action in (Action.imported, Action.correction):
            found.done.clear()
            found.undone.clear()
    return found


def undoing(steps: int) -> Proposal:
    """Take back the last edits."""

    def propose(session: Session, series: Series, now: datetime) -> Preview:
        done = stacks(plans.history(session, series.id)).done
        return _walk(session, series, _last(done, steps, "undone"), side=records.BEFORE, now=now)

    return propose


def redoing(steps: int) -> Proposal:
    """Do again what was taken back last."""

    def propose(session: Session, series: Series, now: datetime) -> Preview:
        undone = stacks(plans.history(session, series.id)).undone
        return _walk(session, series, _last(undone, steps, "done again"), side=records.AFTER, now=now)

    return propose


def _last(stack: Sequence[Audit], steps: int, verb: str) -> list[Audit]:
    if steps < 1:
        raise BadValue(f"{steps} steps cannot be {verb}; name one or more")
    if steps > len(stack):
        count = f"only {len(stack)} of {steps} edits" if stack else "no edit"
        raise BadValue(
            f"{count} can be {verb}; `fascicle plan log` shows which. An import or a correction ends what can be"
        )
    return list(reversed(stack[-steps:]))


def _walk(session: Session, series: Series, steps: Sequence[Audit], *, side: int, now: datetime) -> Preview:
    action = Action.undo if side == records.BEFORE else Action.redo
    plan = after = load(session, series)
    for record in steps:
        _refuse_after_release(session, series, record, action)
        after = records.at(after, record.detail, side)
    after = _with_instants(after)
    words = f"{action}: " + "; ".join(record.detail["words"] for record in steps)
    thought = compare(words, plan, after, asked=after, floor=to_wall(now, after.zone), even_same=True)
    return replace(thought, action=action, steps=tuple(record.id for record in steps))


def _refuse_after_release(session: Session, series: Series, record: Audit, action: Action) -> None:
    if can_walk(record, series):
        return
    before: int = record.detail["last_seq"]
    out = [row for row in plans.rows(session, series.id) if row.seq is not None and row.seq > before]
    names = ", ".join(row.slug for row in out[:3]) + (" and others" if len(out) > 3 else "")
    verb = "undone" if action is Action.undo else "done again"
    raise BadValue(
        f"{record.detail['words']!r} cannot be {verb}: {names} came out since, and what is out never moves. "
        "Edit the plan as it is now"
    )


def can_walk(record: Audit, series: Series) -> bool:
    """Whether nothing came out since an edit."""
    return bool(series.last_seq == record.detail["last_seq"])


def _with_instants(plan: Plan) -> Plan:
    return plan.with_waiting(with_instants(plan.waiting, plan.zone))


def summary(record: Audit) -> dict[str, Any]:
    """A line of the history, for people and programs."""
    return {
        "at": record.at,
        "who": record.actor,
        "what": record.detail.get("words", record.action),
        "moved": record.detail.get("moves", 0),
        "id": record.id,
    }
