"""The installation itself, the record of who changed what, and how far long imports have come."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.states import StoreKind
from db.tables.base import Base, Count, Key
from db.types import Id


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


class Import(Base):
    """A long list that is taken in a little at a time; `digest` is that of the file and of what it is taken in with.

    Everything up to `line` is in; `counts` says what became of it.
    """

    __tablename__ = "imports"

    digest: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str]
    line: Mapped[int] = mapped_column(Id, default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
