"""How fast letters may go: what all processes share of it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base


class Turn(Base):
    """Turns of one pace are given away up to `free_at`, on the machines' clocks; `key` is `relay:…` or `domain:…`."""

    __tablename__ = "turns"

    key: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]
