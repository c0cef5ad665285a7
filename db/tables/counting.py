"""What is counted now and then, because to count it takes too long for a page to wait."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Key


class Crowd(Base):
    """The readers of one hour of a zone: `alike` has what they follow, as places in the texts of the count, and beside
    it how many of them follow that.
    """

    __tablename__ = "crowds"

    zone: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    alike: Mapped[list[list[int]]] = mapped_column(JSON)


class FeedRequests(Base):
    """How often feeds were asked for in the hour that began then, by what was answered."""

    __tablename__ = "feed_requests"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    answer: Mapped[str] = mapped_column(primary_key=True)
    many: Mapped[int]


class CrowdCount(Base):
    """One row: as of when the crowds were counted, and since when (machine time) somebody counts them anew.

    `texts` say what readers follow, each once.
    """

    __tablename__ = "crowd_counts"

    id: Mapped[Key]
    counted_at: Mapped[datetime | None]
    texts: Mapped[list[str]] = mapped_column(JSON, default=list)
    begun_at: Mapped[datetime | None]
