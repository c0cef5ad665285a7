"""Looking ahead: the plan and the readers as they are now, run over a virtual calendar, touching nothing."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audience import MINIMUM_GAP, weekdays
from db.states import Frequency, PostState, SubscriberState, SubscriptionState
from db.tables import CatchUp, DigestHour, Post, Revision, Series, Subscriber, Subscription
from scheduler.cadence import Cadence
from scheduler.catchup import next_date
from scheduler.editions import digest_key
from scheduler.release import Rules, Verdict, verdict
from text.addresses import tag_slug
from timing.wall import next_moment


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


@dataclass(frozen=True)
class Event:
    """What happens at one instant: a release with the feeds it changes, an edition with its letters, or a hold."""

    at: datetime
    kind: str
    what: str
    title: str
    feeds: tuple[str, ...] = ()
    letters: int = 0


@dataclass
class _World:
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


def simulate(session: Session, *, since: datetime, until: datetime, rules: Rules) -> list[Event]:
    """What would happen in (since, until], in order: planned posts appear on time, each edition finds its relay.

    What is late by `rules` at the beginning holds its series, as it would: that is told, and nothing of it comes.
    """
    held = _would_be_held(session, since, rules)
    world = _World(_seqs(session), _groups(session), held_on=_held_on(session))
    moments = sorted(
        _moments(_coming(session, since, until, held.keys()), _hours(session, world), since=since, until=until),
        key=_key,
    )
    events = [Event(since, "hold", slug, why) for slug, why in held.values()]
    for _at, posts, hour in moments:
        events += _released(world, posts) if posts else _digest(world, hour)
    return events


class _Hour(NamedTuple):
    zone: str
    hour: int
    day: date
    moment: datetime


_Moment = tuple[datetime, list[Coming], _Hour]
_NO_HOUR = _Hour("", 0, date.min, datetime.min.replace(tzinfo=UTC))


def _key(moment: _Moment) -> tuple[datetime, bool, str]:
    """Releases go before editions."""
    at, posts, hour = moment
    return at, not posts, hour.zone


def _moments(
    coming: list[Coming], hours: list[tuple[str, int]], *, since: datetime, until: datetime
) -> Iterator[_Moment]:
    together: dict[tuple[datetime, int], list[Coming]] = {}
    for post in coming:
        together.setdefault((post.due_at, post.series_id), []).append(post)
    yield from ((at, posts, _NO_HOUR) for (at, _), posts in together.items())
    for zone, hour in hours:
        at = since
        while True:
            day, at = next_moment(at, hour=hour, zone=zone)
            if at > until:
                break
            yield at, [], _Hour(zone, hour, day, at)


def _released(world: _World, posts: list[Coming]) -> Iterator[Event]:
    for post in posts:
        world.seqs[post.series_id] += 1
        label = f"{post.series}/{post.slug}"
        feeds = (f"{post.series}/feed", "feeds/all", *(f"tag/{tag_slug(tag)}/feed" for tag in post.tags))
        yield Event(post.due_at, "release", label, post.title, feeds=feeds)
    series_id, at = posts[0].series_id, posts[0].due_at

    def joins(one: Follows) -> bool:
        return one.series_id == series_id and one.frequency == Frequency.instant

    letters = sum(_receive(world, group, joins) for group in world.groups)
    if letters:
        yield Event(at, "edition", f"instant:{series_id}:{world.seqs[series_id]}", "", letters=letters)


def _digest(world: _World, hour: _Hour) -> Iterator[Event]:
    since = world.held_on[hour.zone, hour.hour]
    world.held_on[hour.zone, hour.hour] = hour.day
    days = weekdays(hour.day, since)

    def joins(one: Follows) -> bool:
        return one.frequency == Frequency.daily or (one.frequency == Frequency.weekly and one.weekday in days)

    letters = 0
    for group in world.groups:
        before = world.last.get(group)
        rested = before is None or hour.moment - before >= MINIMUM_GAP
        if (group.zone, group.hour) == (hour.zone, hour.hour) and rested:
            received = _receive(world, group, joins, day=hour.day)
            letters += received
            world.last.update({group: hour.moment} if received else {})
    if letters:
        yield Event(hour.moment, "edition", digest_key(hour.zone, hour.hour, hour.day), "", letters=letters)


def _receive(world: _World, group: Readers, joins: Callable[[Follows], bool], *, day: date | None = None) -> int:
    """How many readers of a group get a letter now, a digest of a `day` or an instant; their watermarks move."""
    marks, steps = world.marks[group], world.steps[group]
    upto = {
        one.series_id: world.seqs[one.series_id]
        for one in group.follows
        if one.series_id not in steps and joins(one) and marks[one.series_id] < world.seqs[one.series_id]
    }
    if day is not None:
        upto |= _steps_taken(world, group, day)
    marks.update(upto)
    return world.groups[group] if upto else 0


def _steps_taken(world: _World, group: Readers, day: date) -> dict[int, int]:
    """How far the catch-ups of a group come in a digest of this day; their next dates are found."""
    marks, steps, upto = world.marks[group], world.steps[group], {}
    for series_id, step in list(steps.items()):
        ahead = world.seqs[series_id] - marks[series_id]
        if step.next_on <= day and ahead:
            upto[series_id] = marks[series_id] + min(step.posts, ahead)
            _stepped(steps, series_id, day, met=step.posts >= ahead)
    return upto


def _stepped(steps: dict[int, Steps], series_id: int, day: date, *, met: bool) -> None:
    """A step was taken: the next one has its date, or the live run is met."""
    step = steps.pop(series_id)
    if not met:
        steps[series_id] = step._replace(next_on=next_date(Cadence.from_json(json.loads(step.pace)), day))


def _seqs(session: Session) -> dict[int, int]:
    return dict(session.execute(select(Series.id, Series.last_seq)).all())


def _would_be_held(session: Session, since: datetime, rules: Rules) -> dict[int, tuple[str, str]]:
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


def _coming(session: Session, since: datetime, until: datetime, held: Collection[int]) -> list[Coming]:
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


def _hours(session: Session, world: _World) -> list[tuple[str, int]]:
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
