"""How often feeds are asked for: counted by the hour, and nothing of who asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from db.states import FeedAnswer
from db.tables import FeedRequests
from db.upsert import upserting


class Asked(NamedTuple):
    """In the hour that began then."""

    hour: datetime
    answer: FeedAnswer


def add(session: Session, counted: Mapping[Asked, int]) -> None:
    """To what this and other processes have counted before."""
    rows = [{"hour": asked.hour, "answer": asked.answer, "many": many} for asked, many in sorted(counted.items())]
    if not rows:
        return
    new = upserting(session, FeedRequests)
    both = {"many": FeedRequests.many + new.excluded.many}
    session.connection().execute(new.on_conflict_do_update(index_elements=["hour", "answer"], set_=both), rows)
