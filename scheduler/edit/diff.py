"""What an edit would do, before it is done: the difference of two plans."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from db.errors import BadValue
from db.said import say, say_count
from db.states import PostState
from scheduler.cadence import Offered, cadence_said, offered, why_closed
from scheduler.edit.edits import Edit
from scheduler.plan import Placed, Plan, settle
from timing.wall import Oddity, gap_or_fold, to_wall


class Action(StrEnum):
    """What a line of a series' history is about; imports, corrections and `tzdata` change it, too."""

    edit = "edit"
    undo = "undo"
    redo = "redo"
    imported = "import"
    correction = "correct"
    tzdata = "tzdata"


@dataclass(frozen=True)
class Change:
    """One post before and after."""

    before: Placed
    after: Placed

    @property
    def moves(self) -> bool:
        """Whether it comes at another instant, or begins or ceases to have one."""
        return self.before.due_at != self.after.due_at


@dataclass(frozen=True)
class Diff:
    """The posts that change in their new order, the slots skipped between them and why, what else is to be known."""

    changes: tuple[Change, ...]
    rules: tuple[str, ...]
    skipped: tuple[Offered, ...]
    notes: tuple[str, ...]
    hash: str

    @property
    def moves(self) -> int:
        return sum(change.moves for change in self.changes)

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.rules


@dataclass(frozen=True)
class Preview:
    """An edit thought through: the plan as it is, as it would be, and the difference.

    `steps` are the edits in the history that an undo takes back, or a redo does again.
    """

    words: str
    before: Plan
    after: Plan
    diff: Diff
    action: Action = Action.edit
    steps: tuple[int, ...] = ()


def preview(plan: Plan, edit: Edit, *, now: datetime) -> Preview:
    """What an edit would do at an instant. Raises BadValue for an edit that cannot be, or that changes nothing."""
    asked = edit.changed(plan, to_wall(now, plan.zone))
    floor = to_wall(now, asked.zone)
    return compare(edit.words, plan, settle(asked, floor=floor), asked=asked, floor=floor)


def compare(words: str, before: Plan, after: Plan, *, asked: Plan, floor: datetime, even_same: bool = False) -> Preview:
    """The preview of going from one plan to another. Raises BadValue when they are the same, unless that may be."""
    changes = _changes(before, after)
    diff = Diff(
        changes=changes,
        rules=tuple(_rules(before, after)),
        skipped=tuple(_skipped(changes, after, floor)),
        notes=(*_let_out(before, after, floor), *_notes(changes, asked, after, floor=floor)),
        hash=fingerprint(changes, after),
    )
    if not even_same and diff.is_empty and [post.key for post in before.posts] == [post.key for post in after.posts]:
        raise BadValue(say("%(words)s: nothing would change", words=words))
    return Preview(words, before, after, diff)


def _changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    old = {post.key: post for post in before.posts}
    return tuple(Change(old[post.key], post) for post in after.posts if old[post.key] != post)


def _rules(before: Plan, after: Plan) -> Iterator[str]:
    if before.zone != after.zone:
        yield say("zone: %(before)s → %(after)s", before=before.zone, after=after.zone)
    if before.cadence != after.cadence:
        rhythms = {"before": cadence_said(before.cadence), "after": cadence_said(after.cadence)}
        yield say("cadence: %(before)s → %(after)s", **rhythms)
    if before.held != after.held:
        yield say("the hold is lifted") if after.held is None else say("held: %(reason)s", reason=after.held.reason)


def _skipped(changes: tuple[Change, ...], after: Plan, floor: datetime) -> Iterator[Offered]:
    """The slots that nobody gets, from the first change to the last."""
    walls = [wall for change in changes for wall in (change.before.wall, change.after.wall) if wall is not None]
    coming = [wall for wall in walls if wall > floor]
    if not coming:
        return
    first, last = min(coming), max(coming)
    for slot in takewhile(lambda slot: slot.at <= last, offered(after.cadence, after=floor)):
        if slot.why is not None and slot.at >= first:
            yield slot


def _let_out(before: Plan, after: Plan, floor: datetime) -> Iterator[str]:
    """What a hold has kept back so far."""
    if before.held is None or after.held is not None:
        return
    for post in after.waiting:
        if post.wall is not None and post.wall <= floor:
            yield say("%(chapter)s comes out at once: it was due on %(wall)s", chapter=post.label, wall=post.wall)


def _notes(changes: tuple[Change, ...], asked: Plan, after: Plan, *, floor: datetime) -> Iterator[str]:
    places = {post.key: place for place, post in enumerate(asked.waiting)}
    furthest = -1
    for post in reversed(after.waiting):
        # Read from the end: a pinned post stands before one that it was asked to follow.
        if post.pin is not None and 0 <= furthest < places[post.key]:
            yield say(
                "%(post)s comes before posts it was to follow: it is pinned to %(pin)s", post=post.label, pin=post.pin
            )
        furthest = places[post.key] if furthest < 0 else min(furthest, places[post.key])
    for change in changes:
        yield from _note(change, after, floor)
    dateless = [change.after for change in changes if _lost_its_date(change)]
    if dateless:
        yield say_count(
            "%(post)s has no date: the cadence has no slot left",
            "%(count)s posts have no date: the cadence has no slot left",
            len(dateless),
            post=dateless[0].label,
        )
    if after.held is not None:
        yield say("the series is held: %(reason)s", reason=after.held.reason)


def _lost_its_date(change: Change) -> bool:
    return change.after.seq is None and change.after.state == PostState.planned and change.after.wall is None


def _note(change: Change, after: Plan, floor: datetime) -> Iterator[str]:
    post, wall = change.after, change.after.wall
    if post.seq is None and wall is not None and wall <= floor and change.moves:
        yield say("%(post)s would come out at once: %(wall)s is past", post=post.label, wall=wall)
    elif post.pin is not None and (why := why_closed(after.cadence, post.pin)):
        yield say(
            "%(post)s is pinned to %(pin)s, though that is closed (%(why)s)", post=post.label, pin=post.pin, why=why
        )
    if post.pin is not None and post.seq is None and (oddity := gap_or_fold(post.pin, after.zone)):
        values = {"post": post.label, "pin": post.pin, "zone": after.zone}
        if oddity is Oddity.gap:
            yield say("%(post)s is pinned to %(pin)s: clocks in %(zone)s skip that time", **values)
        else:
            yield say(
                "%(post)s is pinned to %(pin)s: clocks in %(zone)s show that time twice; the first is meant", **values
            )
    if change.before.pin is not None and post.pin is None and post.seq is None:
        yield say("%(post)s loses its pin (%(pin)s)", post=post.label, pin=change.before.pin)


def fingerprint(changes: tuple[Change, ...], after: Plan) -> str:
    """A short hash of all that applying would write: equal hashes, equal outcome."""
    posts = (change.after for change in changes)
    whole = [
        [[post.key, post.state, post.number, post.pin, post.earliest, post.wall, post.due_at] for post in posts],
        [post.key for post in after.posts],
        # Not when a hold began: it begins when it is applied, which is later than when it was shown.
        [after.zone, after.cadence.to_json(), after.held.reason if after.held else None],
    ]
    return hashlib.sha256(json.dumps(whole, default=str).encode()).hexdigest()[:16]
