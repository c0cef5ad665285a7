"""Looking ahead reader by reader and day by day, as plainly as can be: what the quick way is measured by."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audience import MINIMUM_GAP, weekdays
from db.crowds import Follows, Steps
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import CatchUp, DigestHour, Subscriber, Subscription
from scheduler.cadence import Cadence
from scheduler.catchup import next_date
from scheduler.editions import digest_key
from scheduler.foresight import Coming, coming_posts, last_seqs, would_be_held
from scheduler.release import Rules
from scheduler.simulate import Event, holds
from text.addresses import tag_slug
from timing.wall import next_moment


def walked(session: Session, *, since: datetime, until: datetime, rules: Rules) -> list[Event]:
    """What would happen in (since, until], in order."""
    held = would_be_held(session, since, rules)
    world = the_world(session)
    moments = sorted(
        _moments(coming_posts(session, since, until, held.keys()), hours_of(session, world), since=since, until=until),
        key=_key,
    )
    events = holds(held.values(), since)
    for _at, posts, hour in moments:
        events += _released(world, posts) if posts else _digest(world, hour)
    return events


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
    return World(last_seqs(session), _groups(session), held_on=_held_on(session))


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


def _released(world: World, posts: list[Coming]) -> Iterator[Event]:
    for post in posts:
        world.seqs[post.series_id] += 1
        label = f"{post.series}/{post.slug}"
        feeds = (f"{post.series}/feed", "feeds/all", *(f"tag/{tag_slug(tag)}/feed" for tag in post.tags))
        yield Event(post.due_at, "release", label, post.title, feeds=feeds)
    series_id, at = posts[0].series_id, posts[0].due_at

    def joins(one: Follows) -> bool:
        return one.series_id == series_id and one.frequency == Frequency.instant

    received = Counter[_Stretches]()
    for group in world.groups:
        received[_receive(world, group, joins)] += world.groups[group]
    yield from _edition(at, f"instant:{series_id}:{world.seqs[series_id]}", received)


_Stretches = tuple[tuple[int, int, int], ...]


def _edition(at: datetime, key: str, received: Counter[_Stretches]) -> Iterator[Event]:
    """None when nobody receives anything."""
    del received[()]
    if received:
        yield Event(at, "edition", key, "", letters=received.total(), received=received)


def _digest(world: World, hour: _Hour) -> Iterator[Event]:
    since = world.held_on[hour.zone, hour.hour]
    world.held_on[hour.zone, hour.hour] = hour.day
    days = weekdays(hour.day, since)

    def joins(one: Follows) -> bool:
        return one.frequency == Frequency.daily or (one.frequency == Frequency.weekly and one.weekday in days)

    received = Counter[_Stretches]()
    for group in world.groups:
        before = world.last.get(group)
        rested = before is None or hour.moment - before >= MINIMUM_GAP
        if (group.zone, group.hour) == (hour.zone, hour.hour) and rested:
            stretches = _receive(world, group, joins, day=hour.day)
            received[stretches] += world.groups[group]
            world.last.update({group: hour.moment} if stretches else {})
    yield from _edition(hour.moment, digest_key(hour.zone, hour.hour, hour.day), received)


def _receive(world: World, group: Readers, joins: Callable[[Follows], bool], *, day: date | None = None) -> _Stretches:
    """What readers of a group get in a letter now, a digest of a `day` or an instant; their watermarks move."""
    marks, steps = world.marks[group], world.steps[group]
    upto = {
        one.series_id: world.seqs[one.series_id]
        for one in group.follows
        if one.series_id not in steps and joins(one) and marks[one.series_id] < world.seqs[one.series_id]
    }
    if day is not None:
        upto |= _steps_taken(world, group, day)
    stretches = tuple((series_id, marks[series_id], upto[series_id]) for series_id in sorted(upto))
    marks.update(upto)
    return stretches


def _steps_taken(world: World, group: Readers, day: date) -> dict[int, int]:
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
