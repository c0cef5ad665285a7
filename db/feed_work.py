"""Feed work: which documents are behind, and who is writing them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select, true, update
from sqlalchemy.orm import Session

from db import tasks
from db.statements import rows_met
from db.tables import FeedWork
from db.upsert import upserting

ALL = "all"
OPML = "opml"


class Claim(NamedTuple):
    topic: str
    wanted: int
    lease_until: datetime


def topic_of(series_id: int) -> str:
    return f"series:{series_id}"


def tag(slug: str) -> str:
    return f"tag:{slug}"


def gone(slug: str) -> str:
    """What a series left behind under a slug that it has no more: to be deleted."""
    return f"gone:{slug}"


def want(session: Session, topics: Iterable[str]) -> None:
    """Ask that the documents of these topics be written again. Sorted, so that two transactions cannot deadlock."""
    rows = [{"topic": topic, "wanted": 1, "done": 0, "attempts": 0} for topic in sorted(set(topics))]
    if rows:
        raised = {"wanted": FeedWork.wanted + 1, "retry_at": None}
        insert = upserting(session, FeedWork).on_conflict_do_update(index_elements=["topic"], set_=raised)
        session.flush()
        session.connection().execute(insert, rows)
        tasks.note(session, (tasks.feed(str(row["topic"])) for row in rows))


def claim(
    session: Session, *, owner: str, now: datetime, lease_until: datetime, topic: str | None = None
) -> Claim | None:
    """One topic that is behind, or the one that is named, leased; None when none is to be had. Times are machine time.

    A lease of the same owner is free too: it was left by a dead process.
    """
    free = or_(FeedWork.lease_until.is_(None), FeedWork.lease_until <= now, FeedWork.lease_owner == owner)
    ready = or_(FeedWork.retry_at.is_(None), FeedWork.retry_at <= now)
    named = true() if topic is None else FeedWork.topic == topic
    behind = select(FeedWork).where(FeedWork.wanted > FeedWork.done, free, ready, named)
    row = session.scalar(behind.order_by(FeedWork.topic).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.lease_owner, row.lease_until = owner, lease_until
    return Claim(row.topic, row.wanted, lease_until)


def done(session: Session, claim: Claim) -> bool:
    """Note what was written. False when the lease was lost: then a new run is wanted."""
    mine = (FeedWork.topic == claim.topic, FeedWork.lease_until == claim.lease_until)
    values = {"done": claim.wanted, "lease_until": None, "retry_at": None, "attempts": 0, "problem": None}
    if rows_met(session, update(FeedWork).where(*mine, FeedWork.done <= claim.wanted).values(values)):
        return True
    want(session, [claim.topic])
    return False


def holds(session: Session, claim: Claim) -> bool:
    """Whether the lease is still that of the claim."""
    mine = (FeedWork.topic == claim.topic, FeedWork.lease_until == claim.lease_until)
    return session.scalar(select(FeedWork.topic).where(*mine)) is not None


def give_back(session: Session, claim: Claim) -> None:
    """End the lease with the work not through."""
    mine = (FeedWork.topic == claim.topic, FeedWork.lease_until == claim.lease_until)
    session.execute(update(FeedWork).where(*mine).values(lease_until=None, attempts=0, problem=None))


def failed(session: Session, claim: Claim, *, problem: str, retry_at: datetime) -> None:
    mine = (FeedWork.topic == claim.topic, FeedWork.lease_until == claim.lease_until)
    values = {"lease_until": None, "retry_at": retry_at, "attempts": FeedWork.attempts + 1, "problem": problem}
    session.execute(update(FeedWork).where(*mine).values(values))


def attempts(session: Session, topic: str) -> int:
    return session.scalar(select(FeedWork.attempts).where(FeedWork.topic == topic)) or 0


def count(session: Session) -> int:
    """How many topics there are."""
    return session.scalar(select(func.count()).select_from(FeedWork)) or 0


def behind(session: Session) -> list[tuple[str, str | None]]:
    """Topics not yet written, each with the problem met on the last try."""
    statement = select(FeedWork.topic, FeedWork.problem).where(FeedWork.wanted > FeedWork.done).order_by(FeedWork.topic)
    return [(topic, problem) for topic, problem in session.execute(statement)]
