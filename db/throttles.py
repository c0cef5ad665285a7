"""How often something may be asked for, counted in the store, so that all processes count together."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.tables import Throttle
from db.upsert import upserting


def allow(session: Session, key: str, *, most: int, every: timedelta, now: datetime) -> bool:
    """Count one more of `key`; False when there were `most` already in the time that began with the first of them.

    `now` is machine time. What is refused is counted, too, and prolongs nothing.
    """
    session.execute(delete(Throttle).where(Throttle.until <= now))
    insert = upserting(session, Throttle).values(key=key, count=1, until=now + every)
    more = insert.on_conflict_do_update(index_elements=["key"], set_={"count": Throttle.count + 1})
    return session.connection().execute(more.returning(Throttle.count)).scalar_one() <= most
