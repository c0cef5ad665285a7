"""Undo and redo: edits taken back, the last first, and done again. Nothing that is out moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from db import plans
from db.errors import BadValue
from db.said import say, say_in_a_row
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
        return _walk(session, series, _last(done, steps, say("undone")), side=records.BEFORE, now=now)

    return propose


def redoing(steps: int) -> Proposal:
    """Do again what was taken back last."""

    def propose(session: Session, series: Series, now: datetime) -> Preview:
        undone = stacks(plans.history(session, series.id)).undone
        return _walk(session, series, _last(undone, steps, say("done again")), side=records.AFTER, now=now)

    return propose


def _last(stack: Sequence[Audit], steps: int, verb: str) -> list[Audit]:
    if steps < 1:
        raise BadValue(say("%(steps)s steps cannot be %(verb)s; name one or more", steps=steps, verb=verb))
    if steps > len(stack):
        count = say("only %(stack)s of %(steps)s edits", stack=len(stack), steps=steps) if stack else say("no edit")
        raise BadValue(
            say(
                "%(number)s can be %(verb)s; `fascicle plan log` shows which. An import or a correction ends "
                "what can be",
                number=count,
                verb=verb,
            )
        )
    return list(reversed(stack[-steps:]))


def _walk(session: Session, series: Series, steps: Sequence[Audit], *, side: int, now: datetime) -> Preview:
    action = Action.undo if side == records.BEFORE else Action.redo
    plan = after = load(session, series)
    for record in steps:
        _refuse_after_release(session, series, record, action)
        after = records.at(after, record.detail, side)
    after = _with_instants(after)
    edits = say_in_a_row([records.words(record.detail) for record in steps])
    words = say("undo: %(edits)s", edits=edits) if action is Action.undo else say("redo: %(edits)s", edits=edits)
    thought = compare(words, plan, after, asked=after, floor=to_wall(now, after.zone), even_same=True)
    return replace(thought, action=action, steps=tuple(record.id for record in steps))


def _refuse_after_release(session: Session, series: Series, record: Audit, action: Action) -> None:
    if can_walk(record, series):
        return
    before: int = record.detail["last_seq"]
    out = [row for row in plans.rows(session, series.id) if row.seq is not None and row.seq > before]
    names: str = ", ".join(row.slug for row in out[:3])
    if len(out) > 3:
        names = say("%(names)s and others", names=names)
    verb = say("undone") if action is Action.undo else say("done again")
    raise BadValue(
        say(
            "%(words)r cannot be %(verb)s: %(names)s came out since, and what is out never moves. Edit the "
            "plan as it is now",
            words=records.words(record.detail),
            verb=verb,
            names=names,
        )
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
        "what": records.words(record.detail) or record.action,
        "moved": record.detail.get("moves", 0),
        "id": record.id,
    }
