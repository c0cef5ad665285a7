"""Lists that operators sent by a page: kept here until a worker has taken them in, whichever machine it is on."""

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from db.states import UploadState
from db.tables.base import Base, Count, Key, UploadKey
from db.types import Id

_UNDER_WAY = "state IN ('waiting', 'checking', 'taking_in')"


class Upload(Base):
    """One list, `what` it is of, and how far it has come: everything up to `line` was looked at, of about `lines`.

    `counts` says what became of its lines, `refused` how many could not be taken in; `problem` why nothing was.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index(
            "ix_uploads_under_way",
            "id",
            sqlite_where=text(_UNDER_WAY),
            postgresql_where=text(_UNDER_WAY),
        ),
    )

    id: Mapped[Key]
    what: Mapped[str]
    file: Mapped[str]
    sent_by: Mapped[str]
    skip_refused: Mapped[bool]
    state: Mapped[str] = mapped_column(default=UploadState.arriving)
    size: Mapped[Count]
    lines: Mapped[Count]
    line: Mapped[Count]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    refused: Mapped[Count]
    problem: Mapped[str | None]
    sent_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class UploadPart(Base):
    """A stretch of the file. It goes when the list is through: what is in it is personal."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[UploadKey] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Id, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class UploadRefusal(Base):
    """A line that could not be taken in, and why."""

    __tablename__ = "upload_refusals"

    upload_id: Mapped[UploadKey] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(Id, primary_key=True)
    address: Mapped[str]
    problem: Mapped[str]
