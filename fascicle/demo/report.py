"""Whether a replay went as planned: each post on its day, each reader with each post in exactly one letter."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import feed_work, releases
from db.states import DeliveryState, PostState
from db.tables import Delivery, Edition, Post, Series, Subscriber, Variant
from timing.wall import to_wall


@dataclass(frozen=True)
class SeriesLine:
    """One row of the summary."""

    series: str
    posts: int
    released: int
    first: str
    last: str
    worst_lateness_ms: int
    letters: int


@dataclass(frozen=True)
class Report:
    lines: list[SeriesLine]
    troubles: list[str]


def report(session: Session) -> Report:
    """The summary, with everything that was not as planned in words."""
    readers = {reader.id: reader for reader in session.scalars(select(Subscriber))}
    received = _received(session)
    troubles = [*_releases(session), *_letters(session, readers, received), *_hours(session, readers), *_feeds(session)]
    return Report([_line(session, series, received) for series in session.scalars(select(Series))], troubles)


def _received(session: Session) -> Counter[tuple[int, int]]:
    """How many letters that were sent, or may have been, carried a post to a reader: (reader, post) → letters."""
    counted: Counter[tuple[int, int]] = Counter()
    statement = select(Delivery.subscriber_id, Variant.posts).join(Variant, Variant.id == Delivery.variant_id)
    landed = (Delivery.state.in_([DeliveryState.sent, DeliveryState.in_doubt]), Delivery.purpose.is_(None))
    for reader, carried in session.execute(statement.where(*landed)):
        assert reader is not None
        counted.update((reader, post_id) for post_id, _revision in carried)
    return counted


def _releases(session: Session) -> list[str]:
    found = []
    last: dict[int, tuple[int, object]] = {}
    for release, post, series in releases.all_releases(session):
        name = f"{series.slug}/{post.slug}"
        planned, actual = (to_wall(at, series.zone).date() for at in (release.planned_at, release.released_at))
        if release.released_at < release.planned_at:
            found.append(f"{name} was released before its time")
        if planned != actual:
            found.append(f"{name} was planned for {planned} and released on {actual}")
        if release.seq != last.get(series.id, (0, None))[0] + 1:
            found.append(f"{name} was released out of order")
        last[series.id] = (release.seq, release.released_at)
    left = session.scalars(select(Post.slug).where(Post.state == PostState.planned)).all()
    return found + [f"{slug} was not released" for slug in left]


def _letters(session: Session, readers: dict[int, Subscriber], received: Counter[tuple[int, int]]) -> list[str]:
    posts = {post.id: post.slug for post in session.scalars(select(Post).where(Post.state == PostState.released))}
    return [
        f"{reader.address} got {slug} in {received[reader.id, post_id]} letters"
        for reader in readers.values()
        for post_id, slug in posts.items()
        if received[reader.id, post_id] != 1
    ]


def _hours(session: Session, readers: dict[int, Subscriber]) -> list[str]:
    """A letter's date is the calendar moment at which it was made."""
    statement = select(Delivery, Edition).join(Edition, Edition.id == Delivery.edition_id)
    statement = statement.where(Delivery.purpose.is_(None))
    found = []
    for delivery, edition in session.execute(statement.where(Delivery.state == DeliveryState.sent)):
        assert delivery.subscriber_id is not None
        reader = readers[delivery.subscriber_id]
        wall = to_wall(edition.moment, reader.zone)
        if (wall.hour, wall.minute) != (reader.hour, 0) or delivery.date - edition.moment > timedelta(minutes=5):
            found.append(f"{reader.address} asked for {reader.hour:02}:00 and got a letter at {wall:%H:%M}")
    return found


def _feeds(session: Session) -> list[str]:
    return [f"feed {topic} is not written: {problem or 'nobody tried'}" for topic, problem in feed_work.behind(session)]


def _line(session: Session, series: Series, received: Counter[tuple[int, int]]) -> SeriesLine:
    posts = {post.id for post in session.scalars(select(Post).where(Post.series_id == series.id))}
    mine = [release for release, _, of in releases.all_releases(session) if of.id == series.id]
    days = [to_wall(release.released_at, series.zone) for release in mine]
    return SeriesLine(
        series=series.title,
        posts=len(posts),
        released=len(mine),
        first=f"{days[0]:%a %d %b %H:%M}" if days else "–",
        last=f"{days[-1]:%a %d %b %H:%M}" if days else "–",
        worst_lateness_ms=max((release.lateness_ms or 0 for release in mine), default=0),
        letters=sum(count for (_, post_id), count in received.items() if post_id in posts),
    )
