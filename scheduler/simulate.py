"""Looking ahead: the plan and the readers as they are now, run over a virtual calendar, touching nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import crowds
from db.crowds import Crowds, Place
from db.tables import DigestHour
from scheduler.editions import digest_key
from scheduler.foresight import Coming, Course, coming_posts, last_seqs, would_be_held
from scheduler.outlook import Outlook, Stretches
from scheduler.release import Rules
from text.addresses import tag_slug


class Carried(NamedTuple):
    """So many letters of an edition are alike: the posts of each series after one seq up to another."""

    letters: int
    stretches: Stretches


@dataclass(frozen=True)
class Event:
    """What happens at one instant: a release with the feeds it changes, an edition with its letters, or a hold.

    `received` says how many letters of an edition carry what.
    """

    at: datetime
    kind: str
    what: str
    title: str
    feeds: tuple[str, ...] = ()
    letters: int = 0
    received: Mapping[Stretches, int] = field(default_factory=dict, repr=False)

    @property
    def carries(self) -> list[Carried]:
        """How many letters are alike, the most first."""
        kinds = sorted(self.received.items(), key=lambda kind: (-kind[1], kind[0]))
        return [Carried(letters, stretches) for stretches, letters in kinds]


def simulate(session: Session, *, since: datetime, until: datetime, rules: Rules) -> list[Event]:
    """What would happen in (since, until], in order: planned posts appear on time, each edition finds its relay.

    What is late by `rules` at the beginning holds its series, as it would: that is told, and nothing of it comes.
    """
    held = would_be_held(session, since, rules)
    coming = coming_posts(session, since, until, held.keys())
    return holds(held.values(), since) + foresee(
        session, coming, crowds.counted(session), since=since, begin=since, until=until
    )


def holds(held: Iterable[tuple[str, str]], since: datetime) -> list[Event]:
    return [Event(since, "hold", slug, why) for slug, why in held]


def foresee(
    session: Session, coming: Sequence[Coming], readers: Crowds, *, since: datetime, begin: datetime, until: datetime
) -> list[Event]:
    """Of what happens after `since` all that does from `begin` until another instant, in order.

    `coming` are all posts that are due by then, `readers` as they are at the first instant.
    """
    course = Course(last_seqs(session), coming)
    outlook = Outlook(readers, course, held_on=_held_on(session), since=since, until=until)
    moments: list[tuple[datetime, bool, str, Iterator[Event]]] = []
    for (at, series_id), posts in _together(one for one in coming if one.due_at >= begin).items():
        moments.append((at, False, "", _released(outlook, course, series_id, posts)))
    for place, digests in outlook.digests.items():
        for day, at in digests.between(begin - timedelta.resolution, until):
            moments.append((at, True, place[0], _digest(outlook, place, day, at)))
    # Releases go before editions.
    return [event for *_, events in sorted(moments, key=lambda one: one[:3]) for event in events]


def _together(coming: Iterable[Coming]) -> dict[tuple[datetime, int], list[Coming]]:
    """The posts that a series releases at one moment, by this and the series."""
    found: dict[tuple[datetime, int], list[Coming]] = {}
    for post in coming:
        found.setdefault((post.due_at, post.series_id), []).append(post)
    return found


def _held_on(session: Session) -> dict[Place, date]:
    """Per zone and hour: the last date that had its digest."""
    return {(hour.zone, hour.hour): hour.last_date for hour in session.scalars(select(DigestHour))}


def _released(outlook: Outlook, course: Course, series_id: int, posts: Sequence[Coming]) -> Iterator[Event]:
    for post in posts:
        feeds = (f"{post.series}/feed", "feeds/all", *(f"tag/{tag_slug(tag)}/feed" for tag in post.tags))
        yield Event(post.due_at, "release", f"{post.series}/{post.slug}", post.title, feeds=feeds)
    at = posts[0].due_at
    key = f"instant:{series_id}:{course.seq(series_id, course.step(at))}"
    yield from _edition(at, key, outlook.instant(series_id, at))


def _digest(outlook: Outlook, place: Place, day: date, at: datetime) -> Iterator[Event]:
    yield from _edition(at, digest_key(*place, day), outlook.digest(place, day, at))


def _edition(at: datetime, key: str, received: Mapping[Stretches, int]) -> Iterator[Event]:
    """None when nobody receives anything."""
    if received:
        yield Event(at, "edition", key, "", letters=sum(received.values()), received=received)
