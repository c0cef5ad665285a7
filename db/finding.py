"""Finding readers among many, and counting them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.subscribers import address_key
from db.tables import Subscriber

_LAST = "\U0010ffff"
"""No address goes beyond it."""


def by_beginning(session: Session, text: str, *, after: str = "", limit: int) -> Sequence[Subscriber]:
    """Readers whose addresses begin so, in the order of these; only those beyond the address key `after`."""
    key = Subscriber.address_key
    beginning = address_key(text)
    found = select(Subscriber).where(key >= beginning, key < beginning + _LAST, key > after)
    return session.scalars(found.order_by(key).limit(limit)).all()


def count_by_state(session: Session) -> dict[str, int]:
    """How many readers there are in each state."""
    return dict(session.execute(select(Subscriber.state, func.count()).group_by(Subscriber.state)).all())
