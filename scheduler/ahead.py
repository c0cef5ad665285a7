"""What happens on a day to come: releases, the feeds they change, editions with their letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from db.errors import BadValue
from db.said import say
from scheduler.crowd import Crowd, crowd
from scheduler.foresight import coming_posts, would_be_held
from scheduler.known import KnownPosts, known_posts
from scheduler.release import Rules
from scheduler.simulate import Event, foresee, holds
from timing.wall import to_instant, to_wall

FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Ahead:
    """A day on which `letters` go out and `feeds` change, and some of its events, beyond which lie `left` editions.

    `crowd` are the readers; `known` are the posts that these events carry.
    """

    events: tuple[Event, ...]
    letters: int
    feeds: tuple[str, ...]
    left: int
    crowd: Crowd
    known: KnownPosts


def ahead(
    session: Session, day: date, *, now: datetime, zone: str, rules: Rules, beyond: int = 0, most: int = 40
) -> Ahead:
    """What happens on a day, as things stand, with so many editions at the `most`, those `beyond` some of them.

    All else stands before the first edition. Raises BadValue for a day that is over, or too far away to tell.
    """
    begin, until = bounds(day, now, zone)
    held = would_be_held(session, now, rules)
    coming = coming_posts(session, now, until, held.keys())
    seen = crowd(session, now=now)
    events = foresee(session, coming, seen.readers, since=now, begin=max(begin, now), until=until)
    if begin <= now:
        events = holds(held.values(), now) + events
    shown, left = _some(events, beyond, most)
    carried = {stretch for event in shown for stretches in event.received for stretch in stretches}
    feeds = sorted({feed for event in events for feed in event.feeds})
    letters = sum(event.letters for event in events)
    return Ahead(shown, letters, tuple(feeds), left, seen, known_posts(session, coming, carried))


def _some(events: Sequence[Event], beyond: int, most: int) -> tuple[tuple[Event, ...], int]:
    """The events to show, and how many editions lie beyond these."""
    editions = [one.what for one in events if one.kind == "edition"]
    chosen = set(editions[beyond : beyond + most])
    shown = tuple(one for one in events if (one.what in chosen if one.kind == "edition" else not beyond))
    return shown, max(0, len(editions) - beyond - most)


def bounds(day: date, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first and the last instant of a day to come. Raises BadValue for another."""
    today = to_wall(now, zone).date()
    if day < today:
        raise BadValue(say("%(day)s is over; the page Editions shows what went out", day=day))
    if day - today > FARTHEST:
        raise BadValue(say("%(day)s is more than a year away; choose an earlier day", day=day))
    midnight = datetime.combine(day, time())
    after = to_instant(midnight + timedelta(days=1), zone)
    return to_instant(midnight, zone), after - timedelta.resolution
