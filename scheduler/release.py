"""Releasing posts that are due. Any node may do it at any time: a post is released once, in its series' order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import feed_work, posts, releases
from db import series as all_series
from db.engine import Store
from db.states import EditionKind, Frequency, MissedPolicy, SubscriptionState
from db.tables import Edition, EditionCut, Post, Release, Series, Subscription
from db.upsert import insert_missing

log = structlog.get_logger()

AT_ONCE = 500
"""Posts of one series released in one transaction; more wait for the next."""


@dataclass(frozen=True)
class Rules:
    """How late is missed (the series' policy decides), and how late is held whatever the policy."""

    missed_after: timedelta = timedelta(minutes=5)
    hold_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Released:
    series: str
    slug: str
    number: str | None
    seq: int
    planned_at: datetime
    lateness_ms: int | None


class Verdict(StrEnum):
    release = "release"
    overdue = "overdue"
    missed = "missed"


def verdict(due_at: datetime, now: datetime, *, policy: str, rules: Rules) -> Verdict:
    """What to do with a post that is due: release it, or hold its series and ask."""
    late = now - due_at
    if late > rules.hold_after:
        return Verdict.overdue
    if late > rules.missed_after and policy == MissedPolicy.hold:
        return Verdict.missed
    return Verdict.release


def release_due(store: Store, *, now: datetime, rules: Rules) -> list[Released]:
    """Release all that is due at `now`, each series in a transaction of its own; gives what was released."""
    with store.reading() as session:
        waiting = posts.series_with_due(session, now)
    done: list[Released] = []
    for series_id in waiting:
        while some := _release_some(store, series_id, now=now, rules=rules):
            done += some
    return done


def release_overdue(session: Session, series: Series, *, now: datetime) -> int:
    """Release what a hold kept back, however late, because an operator said so; gives how many posts that were."""
    locked = all_series.lock(session, series.id)
    made = 0
    while due := posts.due_of_series(session, series.id, now=now, limit=AT_ONCE):
        made += sum(releases.record(session, locked, post, released_at=now, silent=False) is not None for post in due)
    if made:
        _follow_up(session, locked, now)
    return made


def _release_some(store: Store, series_id: int, *, now: datetime, rules: Rules) -> list[Released]:
    with store.writing() as session:
        series = all_series.locked(session, series_id)
        if series is None or series.held_at is not None:
            return []
        first = posts.longest_overdue(session, series_id, now=now)
        if first is None or _hold_instead(session, series, first, now=now, rules=rules):
            return []
        due = posts.due_of_series(session, series_id, now=now, limit=AT_ONCE)
        made = [releases.record(session, series, post, released_at=now, silent=False) for post in due]
        _follow_up(session, series, now)
        slugs = {post.id: post for post in due}
        done = [_told(series, slugs[release.post_id], release) for release in made if release is not None]
    for one in done:
        log.info("post released", series=one.series, post=one.slug, seq=one.seq, lateness_ms=one.lateness_ms)
    return done


def _hold_instead(session: Session, series: Series, first: Post, *, now: datetime, rules: Rules) -> bool:
    assert first.due_at is not None
    found = verdict(first.due_at, now, policy=series.missed, rules=rules)
    if found is Verdict.release:
        return False
    reason = f"{first.slug} was due {first.due_at:%Y-%m-%d %H:%M} UTC and was not released in time"
    all_series.hold(session, series.id, reason=reason, now=now)
    log.warning("series held", series=series.slug, post=first.slug, why=found.value)
    return True


def _follow_up(session: Session, series: Series, now: datetime) -> None:
    """What a release sets going, in its own transaction: feeds, and one instant edition if anybody waits for one."""
    feed_work.want(session, [feed_work.topic_of(series.id), feed_work.ALL])
    readers = select(Subscription.id).where(
        Subscription.series_id == series.id,
        Subscription.frequency == Frequency.instant,
        Subscription.state == SubscriptionState.active,
    )
    if session.scalar(readers.limit(1)) is None:
        return
    key = f"instant:{series.id}:{series.last_seq}"
    row = {"key": key, "kind": EditionKind.instant, "series_id": series.id, "moment": now, "created_at": now}
    if insert_missing(session, Edition, row):
        edition_id = session.scalars(select(Edition.id).where(Edition.key == key)).one()
        session.add(EditionCut(edition_id=edition_id, series_id=series.id, cut=series.last_seq))


def _told(series: Series, post: Post, release: Release) -> Released:
    return Released(series.slug, post.slug, post.number, release.seq, release.planned_at, release.lateness_ms)
