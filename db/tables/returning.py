"""What came back of the letters that were sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Key, SubscriberKey
from db.types import Id


class Bounce(Base):
    """What somebody said of one letter, once for each kind; `words` are the server's own, `reporter` is its name.

    One that is forgiven counts no more: an operator let the letters go on.
    """

    __tablename__ = "bounces"
    __table_args__ = (UniqueConstraint("delivery_id", "kind"), Index("ix_bounces_subscriber_id", "subscriber_id", "id"))

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(Id, ForeignKey("deliveries.id", ondelete="CASCADE"))
    subscriber_id: Mapped[SubscriberKey]
    kind: Mapped[str]
    status: Mapped[str | None]
    words: Mapped[str]
    reporter: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    forgiven_at: Mapped[datetime | None]
