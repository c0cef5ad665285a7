"""Looking ahead: the plan and the readers as they are now, run over a virtual calendar, touching nothing."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from db.audience import MINIMUM_GAP, weekdays
from db.states import Frequency
from scheduler.cadence import Cadence
from scheduler.catchup import next_date
from scheduler.editions import digest_key
from scheduler.foresight import Coming, Follows, Readers, Steps, World, coming_posts, hours_of, the_world, would_be_held
from scheduler.release import Rules
from text.addresses import tag_slug
from timing.wall import next_moment


class Carried(NamedTuple):
    """So many letters of an edition are alike: the posts of each series after one seq up to another."""

    letters: int
    stretches: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Event:
    """What happens at one instant: a release with the feeds it changes, an edition with its letters, or a hold.

    `carries` says how many letters of an edition are alike, the most first.
    """

    at: datetime
    kind: str
    what: str
    title: str
    feeds: tuple[str, ...] = ()
    letters: int = 0
    carries: tuple[Carried, ...] = field(default=(), compare=False)


def simulate(session: Session, *, since: datetime, until: datetime, rules: Rules) -> list[Event]:
    """What would happen in (since, until], in order: planned posts appear on time, each edition finds its relay.

    What is late by `rules` at the beginning holds its series, as it would: that is told, and nothing of it comes.
    """
    held = would_be_held(session, since, rules)
    world = the_world(session)
    moments = sorted(
        _moments(coming_posts(session, since, until, held.keys()), hours_of(session, world), since=since, until=until),
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
        carries = tuple(Carried(letters, stretches) for stretches, letters in received.most_common())
        yield Event(at, "edition", key, "", letters=received.total(), carries=carries)


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
