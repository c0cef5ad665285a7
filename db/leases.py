"""Leases that a dead process of this node left behind."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.tables import Batch, FeedWork


def expire(session: Session, owner: str) -> None:
    """End all leases of an owner. Only for one who knows that no other process of that owner is alive."""
    session.execute(update(Batch).where(Batch.lease_owner == owner).values(lease_until=None))
    session.execute(update(FeedWork).where(FeedWork.lease_owner == owner).values(lease_until=None))
