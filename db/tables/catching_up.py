"""Private feeds by which somebody catches up with a series."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Key, SeriesKey
from db.types import Id


class CatchUpFeed(Base):
    """A feed that walks through a series from its past, at a pace of its own, until it meets the live run.

    It begins with what comes after the seq `after`. What was asked of it since is in `stretches` (from when on which
    pace holds, or a pause) and `asked` (when the next step was wanted at once), in the order of time. What it holds at
    a moment follows from these and from what is out; nothing is noted when it is read.
    """

    __tablename__ = "catch_up_feeds"

    id: Mapped[Key]
    series_id: Mapped[SeriesKey] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    zone: Mapped[str]
    after: Mapped[int] = mapped_column(Id, default=0)
    stretches: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    asked: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
