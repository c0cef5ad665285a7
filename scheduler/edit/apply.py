"""Reading a plan from the store, and putting an edit into it: only what was previewed, over what was seen."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from db import feed_work, plans
from db import series as all_series
from db.errors import BadValue, FascicleError
from db.said import say
from db.tables import Audit, Series
from scheduler.cadence import Cadence
from scheduler.edit import records
from scheduler.edit.diff import Preview, preview
from scheduler.edit.edits import Edit
from scheduler.plan import Hold, Placed, Plan, in_zone
from timing.wall import TZDATA

Proposal = Callable[[Session, Series, datetime], Preview]
"""Thinks an edit through over what the store holds now."""


class PlanChanged(FascicleError):
    """The plan is not what was previewed any more."""

    def __init__(self, slug: str, by: str | None) -> None:
        super().__init__(
            say(
                "%(who)s has changed the plan of %(slug)s since this preview; nothing was done. "
                "Look again and decide anew",
                who=by or say("time"),
                slug=slug,
            )
        )


def proposing(edit: Edit) -> Proposal:
    return lambda session, series, now: preview(load(session, series), edit, now=now)


def load(session: Session, series: Series) -> Plan:
    held = Hold(series.held_at, series.held_reason or "") if series.held_at else None
    posts = [
        Placed(
            key=row.id,
            slug=row.slug,
            title=row.title,
            number=row.number,
            state=row.state,
            seq=row.seq,
            pin=row.wall if row.pinned and row.seq is None else None,
            earliest=row.earliest,
            wall=row.wall,
            due_at=row.due_at,
        )
        for row in plans.rows(session, series.id)
    ]
    return in_zone(Plan(series.zone, cadence_of(series), tuple(posts), held))


def cadence_of(series: Series) -> Cadence:
    return Cadence.from_json(series.cadence) if series.cadence else Cadence()


def apply(
    session: Session, series_id: int, proposal: Proposal, *, version: int, hash: str, actor: str, now: datetime
) -> Preview:
    """Do what was previewed over `version` of the series with the outcome `hash`.

    Raises PlanChanged, with nothing done, when another edit came first or when time itself has changed the outcome.
    """
    series = all_series.lock(session, series_id)
    thought = _again(proposal, session, series, now) if series.version == version else None
    if thought is None or thought.diff.hash != hash or not plans.claim_version(session, series.id, version):
        raise PlanChanged(series.slug, _last_actor(session, series) if series.version != version else None)
    _write(session, series, thought, actor=actor, now=now)
    return thought


def _again(proposal: Proposal, session: Session, series: Series, now: datetime) -> Preview | None:
    try:
        return proposal(session, series, now)
    except BadValue:
        # It could be done when it was previewed: time has passed a moment, or a post came out.
        return None


def apply_at_once(session: Session, series: Series, edit: Edit, *, actor: str, now: datetime) -> Preview:
    """Do an edit whose outcome nobody asked to see first. Raises BadValue."""
    series = all_series.lock(session, series.id)
    return apply_unseen(session, series, proposing(edit), version=series.version, actor=actor, now=now)


def apply_unseen(
    session: Session, series: Series, proposal: Proposal, *, version: int, actor: str, now: datetime
) -> Preview:
    """Do over `version` of a series whatever comes of it, such as taking back the edit that led to that version.

    Raises BadValue, or PlanChanged when another edit came first.
    """
    series = all_series.lock(session, series.id)
    hash = proposal(session, series, now).diff.hash
    return apply(session, series.id, proposal, version=version, hash=hash, actor=actor, now=now)


def _last_actor(session: Session, series: Series) -> str:
    return plans.last_actor(session, series.id) or say("somebody")


def _write(session: Session, series: Series, thought: Preview, *, actor: str, now: datetime) -> None:
    session.add(
        Audit(
            at=now,
            actor=actor,
            action=thought.action,
            subject=plans.subject(series.id),
            detail=records.detail(thought, last_seq=series.last_seq),
        )
    )
    _write_rules(session, series, thought.after)
    write_posts(session, series.id, thought.before, thought.after, now=now)
    if any(change.after.seq is not None for change in thought.diff.changes):
        feed_work.want(session, [feed_work.topic_of(series.id), feed_work.ALL])
    session.flush()


def _write_rules(session: Session, series: Series, after: Plan) -> None:
    if series.zone != after.zone:
        plans.move_zone(session, series.id, after.zone)
    cadence = after.cadence.to_json() or None
    series.zone, series.cadence = after.zone, cadence
    series.held_at = after.held.at if after.held else None
    series.held_reason = after.held.reason if after.held else None
    session.flush()


def write_posts(session: Session, series_id: int, before: Plan, after: Plan, *, now: datetime) -> None:
    """Write the posts that differ, or stand elsewhere than the store says, and count the moves."""
    old = {post.key: post for post in before.posts}
    stands = plans.positions(session, series_id)
    changed = [
        (place, post) for place, post in enumerate(after.posts) if stands[post.key] != place or old[post.key] != post
    ]
    plans.write(session, [_columns(place, post, after.zone) for place, post in changed if post.seq is None])
    plans.write(session, [_label(place, post) for place, post in changed if post.seq is not None])
    # A first moment is no change of one.
    moved = [post.key for _, post in changed if old[post.key].due_at not in (None, post.due_at)]
    plans.count_moves(session, moved, now=now)


def _columns(place: int, post: Placed, zone: str) -> dict[str, object]:
    return {
        "id": post.key,
        "position": place,
        "number": post.number,
        "state": post.state,
        "pinned": post.pin is not None,
        "earliest": post.earliest,
        "wall": post.wall,
        "zone": zone,
        "tzdata": TZDATA,
        "due_at": post.due_at,
    }


def _label(place: int, post: Placed) -> dict[str, object]:
    """All that an edit may change of a post that is out."""
    return {"id": post.key, "position": place, "number": post.number}
