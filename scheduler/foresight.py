"""What a look ahead starts from: the plan and the readers as they are now, those that are alike counted together."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.states import PostState, SubscriberState, SubscriptionState
from db.tables import CatchUp, DigestHour, Post, Revision, Series, Subscriber, Subscription
from scheduler.release import Rules, Verdict, verdict


class Coming(NamedTuple):
    """A planned post."""

    due_at: datetime
    series_id: int
    series: str
    zone: str
    slug: str
    number: str | None
    title: str
    tags: list[str]


class Steps(NamedTuple):
    """A catch-up: so many posts on the first digest at or after a date, then on the next days of its pace."""

    next_on: date
    posts: int
    pace: str


class Follows(NamedTuple):
    """A subscription; readers whose subscriptions are all alike are counted together."""

    series_id: int
    frequency: str
    weekday: int
    watermark: int
    steps: Steps | None = None


@dataclass(frozen=True)
class Readers:
    zone: str
    hour: int
    follows: tuple[Follows, ...]


@dataclass
class World:
    """The virtual state: seqs, watermarks and moments move, the store does not."""

    seqs: dict[int, int]
    groups: dict[Readers, int]
    marks: dict[Readers, dict[int, int]] = field(default_factory=dict)
    steps: dict[Readers, dict[int, Steps]] = field(default_factory=dict)
    last: dict[Readers, datetime] = field(default_factory=dict)
    held_on: dict[tuple[str, int], date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.marks = {group: {one.series_id: one.watermark for one in group.follows} for group in self.groups}
        self.steps = {group: {one.series_id: one.steps for one in group.follows if one.steps} for group in self.groups}


def the_world(session: Session) -> World:
    return World(_seqs(session), _groups(session), held_on=_held_on(session))


def _seqs(session: Session) -> dict[int, int]:
    return dict(session.execute(select(Series.id, Series.last_seq)).all())


def would_be_held(session: Session, since: datetime, rules: Rules) -> dict[int, tuple[str, str]]:
    """By their ids, the series that have missed a post by too much: their slugs, and what was missed."""
    late = (
        select(Series.id, Series.slug, Series.missed, func.min(Post.due_at))
        .join(Post, Post.series_id == Series.id)
        .where(Post.state == PostState.planned, Series.held_at.is_(None), Post.due_at <= since)
        .group_by(Series.id, Series.slug, Series.missed)
        .order_by(Series.slug)
    )
    return {
        series_id: (slug, f"was to release a post on {due_at:%Y-%m-%d %H:%M} UTC")
        for series_id, slug, policy, due_at in session.execute(late)
        if due_at is not None and verdict(due_at, since, policy=policy, rules=rules) is not Verdict.release
    }


def coming_posts(session: Session, since: datetime, until: datetime, held: Collection[int]) -> list[Coming]:
    """What is overdue already would be released at once, so it counts as due at the beginning."""
    statement = (
        select(Post.due_at, Series.id, Series.slug, Series.zone, Post.slug, Post.number, Revision.title, Revision.tags)
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .where(Post.state == PostState.planned, Series.held_at.is_(None), Post.due_at <= until)
        .order_by(Post.due_at, Post.series_id, Post.position)
    )
    return [
        Coming(max(due_at, since), series_id, series, zone, slug, number, title, tags)
        for due_at, series_id, series, zone, slug, number, title, tags in session.execute(statement)
        if due_at is not None and series_id not in held
    ]


def hours_of(session: Session, world: World) -> list[tuple[str, int]]:
    chosen = {(group.zone, group.hour) for group in world.groups}
    known = {(zone, hour) for zone, hour in session.execute(select(DigestHour.zone, DigestHour.hour))}
    return sorted(chosen & known)


def _held_on(session: Session) -> dict[tuple[str, int], date]:
    """Per zone and hour: the last date that had its digest."""
    return {(hour.zone, hour.hour): hour.last_date for hour in session.scalars(select(DigestHour))}


def _groups(session: Session) -> dict[Readers, int]:
    statement = (
        select(
            Subscriber.id,
            Subscriber.zone,
            Subscriber.hour,
            Subscription.series_id,
            Subscription.frequency,
            Subscription.weekday,
            Subscription.watermark,
            CatchUp,
        )
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(CatchUp, CatchUp.subscription_id == Subscription.id)
        .where(Subscriber.state == SubscriberState.active, Subscription.state == SubscriptionState.active)
        .order_by(Subscriber.id, Subscription.series_id)
    )
    mine: dict[int, tuple[str, int, list[Follows]]] = {}
    for reader, zone, hour, series_id, frequency, weekday, watermark, catch_up in session.execute(statement):
        follows = Follows(series_id, frequency, weekday, watermark, _steps(catch_up))
        mine.setdefault(reader, (zone, hour, []))[2].append(follows)
    return dict(Counter(Readers(zone, hour, tuple(follows)) for zone, hour, follows in mine.values()))


def _steps(row: CatchUp | None) -> Steps | None:
    """The steps to come of a catch-up; one that stands still has none in sight."""
    if row is None:
        return None
    return Steps(date.max if row.paused_at or not row.next_on else row.next_on, row.posts, json.dumps(row.pace))
