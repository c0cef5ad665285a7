"""Questions about posts that an operator sent and has not applied yet."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.tables import PostUpload


def begin(
    session: Session, *, operator_id: int, series_id: int, name: str, sources: str, now: datetime, before: datetime
) -> int:
    """Keep what an operator sent, in the place of what they sent earlier; what is older than `before` goes."""
    session.execute(
        delete(PostUpload).where((PostUpload.operator_id == operator_id) | (PostUpload.created_at < before))
    )
    row = PostUpload(operator_id=operator_id, series_id=series_id, name=name, sources=sources, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, upload_id: int, *, operator_id: int) -> PostUpload | None:
    """None for what is not there any more, or is another operator's."""
    return session.scalar(select(PostUpload).where(PostUpload.id == upload_id, PostUpload.operator_id == operator_id))


def forget(session: Session, upload_id: int) -> None:
    session.execute(delete(PostUpload).where(PostUpload.id == upload_id))
