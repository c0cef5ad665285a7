"""Releasing posts that are due. Any node may do it at any time: a post is released once, in its series' order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import feed_work, posts, releases, tags, tasks
from db import series as all_series
from db.engine import Store
from db.kept import recalled
from db.said import Said, marked, say, worded
from db.states import PRIORITIES, EditionKind, Frequency, MissedPolicy, SubscriptionState
from db.tables import Edition, EditionCut, Post, Series, Subscription
from db.upsert import upserting

log = structlog.get_logger()

AT_ONCE = 500
"""Posts released in one transaction; more wait for the next. On SQLite nobody else writes meanwhile: some 20 ms."""
SERIES_AT_ONCE = 50
"""Series that share a transaction: most have one post due, and a transaction for each would cost more than the post."""


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
    if late > rules.missed_after and policy != MissedPolicy.release:
        return Verdict.missed
    return Verdict.release


def release_due(store: Store, *, now: datetime, rules: Rules) -> list[Released]:
    """Release all that is due at `now`, the series that waited longest first; gives what was released."""
    with store.reading() as session:
        waiting = posts.series_with_due(session, now)
    done: list[Released] = []
    for begin in range(0, len(waiting), SERIES_AT_ONCE):
        more = True
        while more:
            some = _release_some(store, waiting[begin : begin + SERIES_AT_ONCE], now=now, rules=rules)
            more = len(some) == AT_ONCE
            done += some
    return done


def release_overdue(session: Session, series: Series, *, now: datetime) -> int:
    """Release what a hold kept back, however late, because an operator said so; gives how many posts that were."""
    mine = {series.id: all_series.lock(session, series.id)}
    made: list[int] = []
    while due := releases.due_posts(session, [series.id], now=now, limit=AT_ONCE):
        made += [one.due.post_id for one in releases.record_all(session, mine, due, released_at=now)]
    if made:
        _follow_up(session, mine.values(), made, now=now)
    return len(made)


def _release_some(store: Store, series_ids: Sequence[int], *, now: datetime, rules: Rules) -> list[Released]:
    """One transaction: what is due in these series, up to a bound. Series that another node has are left to it."""
    with store.writing() as session:
        mine = releases.locked(session, series_ids)
        for series_id, since in releases.waiting_since(session, list(mine), now=now).items():
            if _hold_instead(session, mine[series_id], since, now=now, rules=rules):
                del mine[series_id]
        due = releases.due_posts(session, list(mine), now=now, limit=AT_ONCE)
        made = releases.record_all(session, mine, due, released_at=now)
        if made:
            theirs = [mine[series_id] for series_id in {one.due.series_id for one in made}]
            _follow_up(session, theirs, [one.due.post_id for one in made], now=now)
    done = [_told(mine[one.due.series_id], one) for one in made]
    for one in done:
        log.info("post released", series=one.series, post=one.slug, seq=one.seq, lateness_ms=one.lateness_ms)
    return done


def _hold_instead(session: Session, series: Series, since: datetime, *, now: datetime, rules: Rules) -> bool:
    found = verdict(since, now, policy=series.missed, rules=rules)
    first = None if found is Verdict.release else posts.longest_overdue(session, series.id, now=now)
    if first is None:
        return False
    all_series.hold(session, series.id, reason=_reason(series, first), now=now)
    log.warning("series held", series=series.slug, post=first.slug, why=found.value, way_out=_way_out(series))
    return True


MISSED = marked("%(post)s was due %(due)s UTC and was not released in time")
MISSED_REFLOW = f"{MISSED}; `%(command)s` moves it and the rest to coming slots"


def hold_said(reason: str) -> str:
    """Why a series is held, as pages tell it: what a command is named for, they have a button for."""
    told = recalled(reason, (MISSED_REFLOW, MISSED))
    return worded(reason, say(MISSED, **told.values)) if isinstance(told, Said) else reason


def _reason(series: Series, first: Post) -> str:
    """Why a series is held, and how to move what it missed; how to let it go on is said wherever a hold is shown."""
    values = {"post": first.slug, "due": f"{first.due_at:%Y-%m-%d %H:%M}", "command": _way_out(series)}
    return (MISSED_REFLOW if series.missed == MissedPolicy.reflow else MISSED) % values


def _way_out(series: Series) -> str:
    if series.missed == MissedPolicy.reflow:
        return f"fascicle plan reflow {series.slug}"
    return f"fascicle series unhold {series.slug}"


def _follow_up(session: Session, released: Collection[Series], post_ids: Sequence[int], *, now: datetime) -> None:
    """What releases set going, in their own transaction: feeds, and one instant edition a series if anybody waits."""
    topics = [feed_work.ALL, *(feed_work.topic_of(series.id) for series in released)]
    feed_work.want(session, [*topics, *(feed_work.tag(tag) for tag in tags.of_posts(session, post_ids))])
    # One such subscription is enough to know: a series may have a million.
    waiting = select(Subscription.id).where(
        Subscription.series_id == Series.id,
        Subscription.frequency == Frequency.instant,
        Subscription.state == SubscriptionState.active,
    )
    read = select(Series.id).where(Series.id.in_([series.id for series in released]), waiting.exists())
    cuts = {series.id: series.last_seq for series in released}
    rows = [_instant(series_id, cuts[series_id], now) for series_id in sorted(session.scalars(read))]
    if rows:
        new = upserting(session, Edition).on_conflict_do_nothing().returning(Edition.id, Edition.series_id)
        made = session.connection().execute(new, rows).all()
        session.add_all(EditionCut(edition_id=key, series_id=of, cut=cuts[of]) for key, of in made if of is not None)
        tasks.note(session, (tasks.edition(key) for key, _ in made))


def _instant(series_id: int, cut: int, now: datetime) -> dict[str, object]:
    key = f"instant:{series_id}:{cut}"
    kind = EditionKind.instant
    row = {"key": key, "kind": kind, "priority": PRIORITIES[kind], "series_id": series_id}
    return {**row, "moment": now, "created_at": now}


def _told(series: Series, one: releases.Numbered) -> Released:
    return Released(series.slug, one.due.slug, one.due.number, one.seq, one.due.due_at, one.lateness_ms)
