"""What happens on a day to come: releases, the feeds they change, editions with their letters, each rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.states import EditionKind, LetterFormat, PostState
from db.tables import Edition, Post
from scheduler.letters import House, render
from scheduler.prepare import Content
from scheduler.preview import Preview, inert
from scheduler.release import Rules
from scheduler.simulate import Carried, Event, simulate
from timing.wall import to_instant, to_wall

FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Ahead:
    """A day of a zone: `events` happen on it; `known` names the post behind each (series, seq), out or to come."""

    day: date
    zone: str
    events: tuple[Event, ...]
    known: Mapping[tuple[int, int], "Known"]

    @property
    def feeds(self) -> list[str]:
        """The feeds that change on this day."""
        return sorted({feed for event in self.events for feed in event.feeds})

    @property
    def letters(self) -> int:
        return sum(event.letters for event in self.events)

    def posts_of(self, carried: Carried) -> list["Known"]:
        """What a letter carries, in order; a post that was taken back leaves a hole."""
        seqs = [(series, seq) for series, after, upto in carried.stretches for seq in range(after + 1, upto + 1)]
        return [self.known[one] for one in seqs if one in self.known]


@dataclass(frozen=True)
class Known:
    """A post with the words it has now."""

    post_id: int
    revision_id: int
    series: str
    slug: str


def ahead(session: Session, day: date, *, now: datetime, zone: str, rules: Rules) -> Ahead:
    """What happens on a day, as things stand. Raises BadValue for a day that is over, or too far away to tell."""
    today = to_wall(now, zone).date()
    if day < today:
        raise BadValue(say("%(day)s is over; the page Editions shows what went out", day=day))
    if day - today > FARTHEST:
        raise BadValue(say("%(day)s is more than a year away; choose an earlier day", day=day))
    begin = to_instant(datetime.combine(day, time()), zone)
    end = to_instant(datetime.combine(day + timedelta(days=1), time()), zone)
    events = simulate(session, since=now, until=end - timedelta(microseconds=1), rules=rules)
    there = tuple(event for event in events if event.at >= begin)
    return Ahead(day, zone, there, _known(session, events, there))


def _known(session: Session, events: Sequence[Event], there: Sequence[Event]) -> dict[tuple[int, int], Known]:
    """The posts that letters of `there` carry; seqs to come are given in the order in which `events` give them."""
    carried = {one for event in there for carries in event.carries for one in carries.stretches}
    slugs = {one.id: one.slug for one in all_series.all_series(session)}
    found: dict[tuple[int, int], Known] = {}
    for series_id, after, upto in carried:
        out = select(Post).where(Post.series_id == series_id, Post.seq > after, Post.seq <= upto)
        for post in session.scalars(out.where(Post.state == PostState.released)):
            if post.seq is not None:
                found[series_id, post.seq] = _of(post, slugs[series_id])
    return found | _to_come(session, events)


def _to_come(session: Session, events: Sequence[Event]) -> dict[tuple[int, int], Known]:
    series = {one.slug: one for one in all_series.all_series(session)}
    seqs = {one.id: one.last_seq for one in series.values()}
    found: dict[tuple[int, int], Known] = {}
    for event in events:
        if event.kind != "release":
            continue
        slug, _, post_slug = event.what.partition("/")
        row = series[slug]
        seqs[row.id] += 1
        post = session.scalars(select(Post).where(Post.series_id == row.id, Post.slug == post_slug)).one()
        found[row.id, seqs[row.id]] = _of(post, slug)
    return found


def _of(post: Post, series: str) -> Known:
    assert post.revision_id is not None
    return Known(post.id, post.revision_id, series, post.slug)


def letter_of(house: House, session: Session, found: Ahead, key: str, number: int, *, language: str) -> Preview:
    """The letter that the `number`th of the groups of an edition's readers gets, with the words of now.

    Raises BadValue where there is none.
    """
    event = next((one for one in found.events if one.kind == "edition" and one.what == key), None)
    if event is None or not 0 <= number < len(event.carries):
        raise BadValue(say("no such letter goes out on %(day)s any more; look again at what does", day=found.day))
    posts = tuple((one.post_id, one.revision_id) for one in found.posts_of(event.carries[number]))
    content = Content(posts, language, LetterFormat.html)
    return Preview(render(house, session, _edition(event), content), inert(house, name=""))


def _edition(event: Event) -> Edition:
    """As it will be; it is in no store."""
    if event.what.startswith("instant:"):
        return Edition(kind=EditionKind.instant, moment=event.at)
    _, _, rest = event.what.partition(":")
    zone, hour, day = rest.rsplit(":", 2)
    return Edition(
        kind=EditionKind.digest, zone=zone, hour=int(hour), local_date=date.fromisoformat(day), moment=event.at
    )
