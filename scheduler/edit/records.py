"""What the history keeps of an edit, in plain JSON: enough to show it, to take it back, and to do it again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from db.kept import again, noted
from scheduler.cadence import Cadence
from scheduler.edit.diff import Preview
from scheduler.plan import Hold, Placed, Plan, in_zone


def detail(thought: Preview, *, last_seq: int) -> dict[str, Any]:
    """`last_seq` is how many posts were out at the time: once more are, the edit cannot be taken back."""
    return {
        **noted(thought.words),
        "steps": list(thought.steps),
        "last_seq": last_seq,
        "moves": thought.diff.moves,
        "notes": list(thought.diff.notes),
        "order": _orders(thought),
        "rules": [_rules(plan) for plan in (thought.before, thought.after)],
        "posts": [
            {"id": one.after.key, "slug": one.after.slug, "states": [_post(one.before), _post(one.after)]}
            for one in thought.diff.changes
        ],
    }


def words(record: Mapping[str, Any]) -> str:
    """What was done, in words; empty where the record has none."""
    return again(record.get("said")) or str(record.get("words", ""))


BEFORE, AFTER = 0, 1
"""Which of the two states of a record."""


def at(plan: Plan, record: Mapping[str, Any], side: int) -> Plan:
    """The plan with all that a record speaks of as it was before or after that edit."""
    states = {entry["id"]: entry["states"][side] for entry in record["posts"]}
    posts = {post.key: _restored(post, states.get(post.key)) for post in plan.posts}
    keys = record["order"][side] if record["order"] else list(posts)
    order = [posts.pop(key) for key in keys if key in posts] + list(posts.values())
    return _with_rules(replace(plan, posts=tuple(order)), record["rules"], side)


def _with_rules(plan: Plan, rules: Sequence[Mapping[str, Any]], side: int) -> Plan:
    """Only what that edit changed: a hold that came later by itself is not lifted by taking the edit back."""
    changed = {name for name in rules[side] if rules[BEFORE][name] != rules[AFTER][name]}
    wanted = rules[side]
    if "zone" in changed:
        plan = in_zone(replace(plan, zone=wanted["zone"]))
    if "cadence" in changed:
        plan = replace(plan, cadence=Cadence.from_json(wanted["cadence"]))
    if "held" in changed:
        held = wanted["held"]
        plan = replace(plan, held=Hold(datetime.fromisoformat(held[0]), held[1]) if held else None)
    return plan


def _orders(thought: Preview) -> list[list[int]]:
    """The posts by their keys before and after; nothing when they stay in their order."""
    before, after = ([post.key for post in plan.posts] for plan in (thought.before, thought.after))
    return [] if before == after else [before, after]


def _post(post: Placed) -> dict[str, Any]:
    return {
        "state": post.state,
        "number": post.number,
        "pin": _text(post.pin),
        "earliest": _text(post.earliest),
        "wall": _text(post.wall),
    }


def _restored(post: Placed, state: Mapping[str, Any] | None) -> Placed:
    if state is None:
        return post
    return replace(
        post,
        state=state["state"],
        number=state["number"],
        pin=_moment(state["pin"]),
        earliest=_moment(state["earliest"]),
        wall=_moment(state["wall"]) if post.seq is None else post.wall,
        # Derived anew for all that wait; what stands aside has none.
        due_at=post.due_at if post.seq is not None else None,
    )


def _rules(plan: Plan) -> dict[str, Any]:
    held = [plan.held.at.isoformat(), plan.held.reason] if plan.held else None
    return {"zone": plan.zone, "cadence": plan.cadence.to_json(), "held": held}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
