"""The installation itself, and the record of who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.states import StoreKind
from db.tables.base import Base, Count, Key


class Installation(Base):
    """One row. A node compares `name`, `database` and `epoch` with its own note to notice that it runs on a copy.

    `site_url` is the address of the site that is in what was published: another one means that the site has moved.
    """

    __tablename__ = "installation"

    id: Mapped[Key]
    name: Mapped[str]
    database: Mapped[str]
    epoch: Mapped[Count]
    kind: Mapped[str] = mapped_column(default=StoreKind.live)
    calendar_now: Mapped[datetime | None]
    minted_domain: Mapped[str]
    site_url: Mapped[str | None]
    created_at: Mapped[datetime]


class Audit(Base):
    """Who did what to which thing; `subject` names it, such as `series:7`."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject_id", "subject", "id"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
