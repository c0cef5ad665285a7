"""What one reader is owed, and which letter comes to them next as things stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db import catch_ups, releases
from db.audience import MINIMUM_GAP, weekdays
from db.states import Frequency, PostState, SubscriberState, SubscriptionState
from db.tables import CatchUp, DigestHour, Post, Series, Subscriber, Subscription
from timing.wall import next_moment

_DIGESTS = 15
"""Digest moments looked at: two weeks of them, so that each weekday is met although one may be too near the last."""


@dataclass(frozen=True)
class NextLetter:
    """A letter to come: its moment, and the slugs of what would be in it, that is out or planned."""

    moment: datetime
    kind: str
    out: tuple[str, ...]
    planned: tuple[str, ...]


def owes(session: Session, subscription: Subscription) -> list[str]:
    """The slugs of the released posts after a subscription's watermark, in order; history only to who catches up."""
    series = session.get_one(Series, subscription.series_id)
    history = catch_ups.find(session, subscription.id) is not None
    found = releases.owable(session, {series.id: series.last_seq}, after=subscription.watermark)
    found = [one for one in found if history or not one.silent]
    slugs = dict(session.execute(select(Post.id, Post.slug).where(Post.id.in_([one.post_id for one in found]))).all())
    return [slugs[one.post_id] for one in found]


def next_letter(
    session: Session, reader: Subscriber, subscriptions: Sequence[Subscription], *, now: datetime
) -> NextLetter | None:
    """The first letter that would have something in it; None when nothing is in sight or the reader gets none."""
    active = [one for one in subscriptions if one.state == SubscriptionState.active]
    if reader.state != SubscriberState.active:
        return None
    walking = catch_ups.of(session, [one.id for one in active])
    live = [one for one in active if one.id not in walking]
    found = [_instant(session, live), _digest(session, reader, active, walking, now=now)]
    return min((one for one in found if one), key=lambda letter: letter.moment, default=None)


def _instant(session: Session, active: Sequence[Subscription]) -> NextLetter | None:
    """The next release in a series that the reader follows instantly; what is owed already goes with it."""
    mine = {one.series_id: one for one in active if one.frequency == Frequency.instant}
    due = select(Post).join(Series).where(*_planned(list(mine))).order_by(Post.due_at, Post.position).limit(1)
    post = session.scalar(due)
    if post is None or post.due_at is None:
        return None
    return NextLetter(post.due_at, "instant", tuple(owes(session, mine[post.series_id])), (post.slug,))


def _digest(
    session: Session,
    reader: Subscriber,
    active: Sequence[Subscription],
    walking: Mapping[int, CatchUp],
    *,
    now: datetime,
) -> NextLetter | None:
    owed = {one.id: tuple(owes(session, one)) for one in active}
    for day, since, moment in _moments(session, reader, now):
        if reader.last_moment is not None and moment - reader.last_moment < MINIMUM_GAP:
            continue
        live = [one for one in active if one.id not in walking and _joins(one, weekdays(day, since))]
        steps = [one for one in active if one.id in walking and _steps(walking[one.id], day)]
        out = [slug for one in live for slug in owed[one.id]]
        out += [slug for one in steps for slug in owed[one.id][: walking[one.id].posts]]
        planned = tuple(_planned_by(session, [one.series_id for one in live], moment))
        if out or planned:
            return NextLetter(moment, "digest", tuple(out), planned)
    return None


def _steps(catch_up: CatchUp, day: date) -> bool:
    return catch_up.paused_at is None and catch_up.next_on is not None and catch_up.next_on <= day


def _moments(session: Session, reader: Subscriber, now: datetime) -> Iterator[tuple[date, date, datetime]]:
    """(date, the last date before it that had its digest, moment) of the reader's coming digests."""
    hour = session.get(DigestHour, (reader.zone, reader.hour))
    if hour is not None:
        day, since, moment = hour.next_date, hour.last_date, hour.next_due_at
    else:
        day, moment = next_moment(now, hour=reader.hour, zone=reader.zone)
        since = day - timedelta(days=1)
    for _ in range(_DIGESTS):
        yield day, since, moment
        since = day
        day, moment = next_moment(moment, hour=reader.hour, zone=reader.zone)


def _joins(subscription: Subscription, days: set[int]) -> bool:
    if subscription.frequency == Frequency.weekly:
        return subscription.weekday in days
    return subscription.frequency == Frequency.daily


def _planned_by(session: Session, series_ids: Sequence[int], moment: datetime) -> Sequence[str]:
    due = select(Post.slug).join(Series).where(*_planned(series_ids), Post.due_at <= moment)
    return session.scalars(due.order_by(Post.series_id, Post.due_at, Post.position)).all()


def _planned(series_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return Post.series_id.in_(series_ids), Post.state == PostState.planned, Series.held_at.is_(None)
