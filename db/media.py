"""Questions about files: those that posts show, and those that wait to be shown."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.tables import Media, RevisionMedia
from db.upsert import insert_missing

_AT_ONCE = 500


class Kept(NamedTuple):
    """A file without its bytes; `length` counts them."""

    digest: str
    content_type: str
    length: int


class Bytes(NamedTuple):
    content_type: str
    body: bytes


def keep(session: Session, *, digest: str, content_type: str, body: bytes, uploaded_at: datetime | None = None) -> None:
    """Keep a file, unless it is kept already; `uploaded_at` for one that nothing refers to yet, or not any more."""
    row = {"digest": digest, "content_type": content_type, "body": body, "uploaded_at": uploaded_at}
    if not insert_missing(session, Media, row) and uploaded_at is not None:
        waiting = (Media.digest == digest, Media.uploaded_at.is_not(None))
        session.execute(update(Media).where(*waiting).values(uploaded_at=uploaded_at))


def is_kept(session: Session, digest: str) -> bool:
    return session.scalar(select(Media.id).where(Media.digest == digest)) is not None


def find(session: Session, digest: str) -> Bytes | None:
    """A file whether or not anything public refers to it; for operators."""
    row = session.execute(select(Media.content_type, Media.body).where(Media.digest == digest)).one_or_none()
    return None if row is None else Bytes(*row)


def kept(session: Session, digests: Iterable[str]) -> dict[str, Kept]:
    """Those of these files that are there, by digest."""
    columns = select(Media.digest, Media.content_type, func.length(Media.body))
    wanted, found = sorted(set(digests)), dict[str, Kept]()
    for begin in range(0, len(wanted), _AT_ONCE):
        rows = session.execute(columns.where(Media.digest.in_(wanted[begin : begin + _AT_ONCE])))
        found |= {row[0]: Kept(*row) for row in rows}
    return found


def held(session: Session, digests: Iterable[str]) -> dict[str, int]:
    """The ids of those of these files that are there; none of them goes while this transaction lasts."""
    wanted, found = sorted(set(digests)), dict[str, int]()
    columns = select(Media.digest, Media.id).order_by(Media.id)
    for begin in range(0, len(wanted), _AT_ONCE):
        some = columns.where(Media.digest.in_(wanted[begin : begin + _AT_ONCE]))
        found |= dict(session.execute(some.with_for_update(read=True, key_share=True)).all())
    return found


def sweep(session: Session, *, before: datetime, limit: int = 20) -> int:
    """Forget some of the files that were sent before an instant and that nothing refers to; says how many."""
    used = select(RevisionMedia.media_id).where(RevisionMedia.media_id == Media.id).exists()
    idle = select(Media.id).where(Media.uploaded_at < before, ~used).limit(limit)
    ids = session.scalars(idle.with_for_update(skip_locked=True)).all()
    if ids:
        session.execute(delete(Media).where(Media.id.in_(ids)))
    return len(ids)
