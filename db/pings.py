"""Pings: of which addresses the hub is still to be told, and who is telling it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db import feed_work
from db.statements import rows_met
from db.tables import Ping, PostTag, Release, Revision
from db.upsert import insert_missing


class Claim(NamedTuple):
    url: str
    wanted: int
    lease_until: datetime
    attempts: int


class Trouble(NamedTuple):
    """An address that the hub was not told of; without `retry_at` it was given up until there is more news."""

    url: str
    problem: str
    retry_at: datetime | None


def news(session: Session, topic: str) -> int:
    """How many times there was news in the feeds of a topic: releases and edits, but nothing of history's silence.

    It changes whenever there is news, so that a ping is owed for each number that was not pinged for yet, whatever
    was written or crashed meanwhile.
    """
    where = _in(topic)
    releases = select(func.count()).select_from(Release).where(Release.silent.is_(False), *where)
    edits = (
        select(func.count())
        .select_from(Release)
        .join(Revision, Revision.post_id == Release.post_id)
        .where(Revision.number > 1, Revision.significant, Revision.created_at > Release.released_at, *where)
    )
    return (session.scalar(releases) or 0) + (session.scalar(edits) or 0)


def _in(topic: str) -> list[ColumnElement[bool]]:
    kind, _, name = topic.partition(":")
    if topic == feed_work.ALL:
        return []
    if kind in ("opml", "gone"):
        return [Release.id < 0]
    if kind == "series":
        return [Release.series_id == int(name)]
    return [Release.post_id.in_(select(PostTag.post_id).where(PostTag.tag == name))]


def want(session: Session, urls: Iterable[str], *, news: int) -> None:
    """Owe the hub one ping for each of these addresses unless it was told of this much news before.

    However often this is called before the ping, one ping follows. More news is tried at once and afresh, even when
    the news before was given up. Sorted, so that two transactions cannot deadlock.
    """
    for url in sorted(set(urls)):
        insert_missing(session, Ping, {"url": url, "wanted": 0, "done": 0, "attempts": 0})
        more = {"wanted": news, "attempts": 0, "retry_at": None}
        session.execute(update(Ping).where(Ping.url == url, Ping.wanted < news).values(more))
        # Less of it, as when a post lost its tag: what is owed stays owed, and the count goes on from here.
        owed = case((Ping.done < Ping.wanted, news - 1), else_=news)
        session.execute(update(Ping).where(Ping.url == url, Ping.wanted > news).values(wanted=news, done=owed))


def any_ready(session: Session, *, hub: str, owner: str, now: datetime) -> bool:
    return session.scalar(select(Ping.url).where(*_ready(hub=hub, owner=owner, now=now)).limit(1)) is not None


def claim(
    session: Session, *, hub: str, owner: str, now: datetime, lease_until: datetime, limit: int = 1
) -> list[Claim]:
    """Addresses that the hub may be told of now, leased. Times are machine time.

    A lease of the same owner is free too: it was left by a dead process.
    """
    ready = select(Ping).where(*_ready(hub=hub, owner=owner, now=now)).order_by(Ping.attempts, Ping.url).limit(limit)
    rows = session.scalars(ready.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.lease_owner, row.lease_until = owner, lease_until
    return [Claim(row.url, row.wanted, lease_until, row.attempts) for row in rows]


def _ready(*, hub: str, owner: str, now: datetime) -> list[ColumnElement[bool]]:
    asked = aliased(Ping)
    return [
        Ping.wanted > Ping.done,
        or_(Ping.lease_until.is_(None), Ping.lease_until < now, Ping.lease_owner == owner),
        or_(Ping.retry_at.is_(None), Ping.retry_at <= now),
        ~select(asked.url).where(asked.url == hub, asked.retry_at > now).exists(),
    ]


def done(session: Session, claim: Claim) -> bool:
    """Note that the hub was told. False when the lease was lost: then it may be told once more."""
    told = case((Ping.wanted < claim.wanted, Ping.wanted), else_=claim.wanted)
    values = {"done": told, "lease_until": None, "retry_at": None, "attempts": 0, "problem": None}
    return rows_met(session, update(Ping).where(*_mine(claim)).values(values)) == 1


def failed(session: Session, claim: Claim, *, problem: str, retry_at: datetime) -> None:
    values = {"lease_until": None, "retry_at": retry_at, "attempts": Ping.attempts + 1, "problem": problem}
    session.execute(update(Ping).where(*_mine(claim)).values(values))


def give_up(session: Session, claim: Claim, *, problem: str) -> None:
    """Owe this ping no longer; the problem stays to be seen until the hub is told of more news."""
    told = case((Ping.wanted < claim.wanted, Ping.wanted), else_=claim.wanted)
    values = {"done": told, "lease_until": None, "retry_at": None, "attempts": 0, "problem": problem}
    session.execute(update(Ping).where(*_mine(claim)).values(values))


def leave_alone(session: Session, hub: str, *, until: datetime) -> None:
    """Tell this hub nothing before a moment: it asked for that. Kept in a row of the hub's own, with nothing owed."""
    insert_missing(session, Ping, {"url": hub, "wanted": 0, "done": 0, "attempts": 0})
    session.execute(update(Ping).where(Ping.url == hub).values(retry_at=until))


def waiting(session: Session) -> int:
    """How many addresses the hub is still to be told of."""
    return session.scalar(select(func.count()).select_from(Ping).where(Ping.wanted > Ping.done)) or 0


def troubles(session: Session) -> list[Trouble]:
    """What the hub could not be told, those given up first."""
    statement = select(Ping.url, Ping.problem, Ping.retry_at).where(Ping.problem.is_not(None)).order_by(Ping.url)
    found = [Trouble(url, problem or "", retry_at) for url, problem, retry_at in session.execute(statement)]
    return sorted(found, key=lambda one: one.retry_at is not None)


def _mine(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return Ping.url == claim.url, Ping.lease_until == claim.lease_until
