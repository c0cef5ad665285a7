"""How it goes, as numbers by instants: readers, letters, what came back, requests for feeds, lateness of releases."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.states import SubscriberState
from db.tables import Batch, Bounce, Delivery, Edition, FeedRequests, Release, Subscriber, Subscription, Suppression

_TALLIED = Edition.tally.is_not(None)
_CONFIRMED = [state for state in SubscriberState if state is not SubscriberState.pending]


class Counted(NamedTuple):
    """So many of a kind at one instant."""

    at: datetime
    kind: str
    many: int


def joined(session: Session, since: datetime) -> list[Counted]:
    """Readers who are here, by when they came; those of one import came at one instant."""
    came = (Subscriber.state.in_(_CONFIRMED), Subscriber.created_at >= since)
    counted = select(Subscriber.created_at, func.count()).where(*came).group_by(Subscriber.created_at)
    return [Counted(at, "joined", many) for at, many in session.execute(counted)]


def left(session: Session, since: datetime) -> list[Counted]:
    """Readers who ended their last series, and those to whom nothing may be sent any more, by when that was."""
    ended = (
        select(func.max(Subscription.left_at).label("at"))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        # In no order that an index has, else SQLite goes through all subscriptions, or through all who ever left.
        .where(Subscription.left_at >= since, func.coalesce(Subscriber.state, "") == SubscriberState.left)
        .group_by(Subscription.subscriber_id + 0)
        .subquery()
    )
    suppressed = (
        select(Suppression.created_at, func.count())
        .join(Subscriber, Subscriber.fingerprint == Suppression.fingerprint)
        .where(Suppression.created_at >= since)
        .group_by(Suppression.created_at)
    )
    by_themselves = session.execute(select(ended.c.at, func.count()).group_by(ended.c.at))
    return [Counted(at, "left", many) for at, many in by_themselves] + [
        Counted(at, "suppressed", many) for at, many in session.execute(suppressed)
    ]


def letters(session: Session, since: datetime) -> list[Counted]:
    """Letters of editions that were due since, by the moment of these and by state."""
    tallied = session.execute(select(Edition.moment, Edition.tally).where(Edition.moment >= since, _TALLIED))
    known = [Counted(at, state, many) for at, tally in tallied for state, many in (tally or {}).items()]
    counted = (
        select(Edition.moment, Delivery.state, func.count())
        .join(Batch, Batch.edition_id == Edition.id)
        .join(Delivery, Delivery.batch_id == Batch.id)
        .where(Edition.moment >= since, ~_TALLIED)
        .group_by(Edition.moment, Delivery.state)
    )
    return known + [Counted(*row) for row in session.execute(counted)]


def bounces(session: Session, since: datetime) -> list[Counted]:
    """What came back, by when and why."""
    counted = select(Bounce.at, Bounce.kind, func.count()).where(Bounce.at >= since).group_by(Bounce.at, Bounce.kind)
    return [Counted(*row) for row in session.execute(counted)]


def feed_requests(session: Session, since: datetime) -> list[Counted]:
    """How often feeds were asked for, by the hour and by what was answered."""
    asked = select(FeedRequests.hour, FeedRequests.answer, FeedRequests.many).where(FeedRequests.hour >= since)
    return [Counted(*row) for row in session.execute(asked)]


def lateness(session: Session, since: datetime) -> list[tuple[datetime, int]]:
    """By how many milliseconds each release was late; history, which came silently, was not due."""
    news = (Release.released_at >= since, Release.silent.is_(False))
    rows = session.execute(select(Release.released_at, Release.lateness_ms).where(*news))
    return [(at, late or 0) for at, late in rows]


def settled_between(session: Session, edition_id: int, edges: Sequence[datetime]) -> list[int]:
    """How many letters of an edition came to their end from each instant of machine time until the next.

    In one statement, each of its counts asked of an index: a million letters are gone through once.
    """
    stretches = [
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.edition_id == edition_id, Delivery.settled_at >= begin, Delivery.settled_at < end)
        .scalar_subquery()
        for begin, end in pairwise(edges)
    ]
    return list(session.execute(select(*stretches)).one())
