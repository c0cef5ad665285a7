"""Questions about lists that operators sent by a page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import UPLOADS_UNDER_WAY, UploadKind, UploadState
from db.tables import Upload, UploadPart, UploadRefusal
from db.upsert import insert_all_missing


def begin(session: Session, what: UploadKind, *, file: str, sent_by: str, skip_refused: bool, now: datetime) -> int:
    """A list whose parts arrive from now on; gives its id."""
    row = Upload(what=what, file=file, sent_by=sent_by, skip_refused=skip_refused, sent_at=now)
    session.add(row)
    session.flush()
    return row.id


def add_part(session: Session, upload_id: int, number: int, body: bytes) -> None:
    session.add(UploadPart(upload_id=upload_id, number=number, body=body))


def arrived(session: Session, upload_id: int, *, size: int, lines: int) -> None:
    """All of it is there: a worker may take it."""
    values = {"state": UploadState.waiting, "size": size, "lines": lines}
    session.execute(update(Upload).where(Upload.id == upload_id).values(values))


def find(session: Session, upload_id: int) -> Upload | None:
    return session.get(Upload, upload_id)


def newest(session: Session, what: UploadKind, *, limit: int) -> Sequence[Upload]:
    statement = select(Upload).where(Upload.what == what).order_by(Upload.id.desc()).limit(limit)
    return session.scalars(statement).all()


def parts(session: Session, upload_id: int) -> Iterator[bytes]:
    """The file, a stretch at a time."""
    numbers = session.scalars(
        select(UploadPart.number).where(UploadPart.upload_id == upload_id).order_by(UploadPart.number)
    ).all()
    for number in numbers:
        yield session.scalars(
            select(UploadPart.body).where(UploadPart.upload_id == upload_id, UploadPart.number == number)
        ).one()


def any_to_take(session: Session, *, owner: str, now: datetime) -> bool:
    return session.scalar(_to_take(select(Upload.id), owner, now)) is not None


def claim(session: Session, *, owner: str, now: datetime, until: datetime) -> Upload | None:
    """Lease the oldest list that waits, or whose worker is gone; None when there is none."""
    row: Upload | None = session.scalar(_to_take(select(Upload), owner, now).with_for_update(skip_locked=True))
    if row is not None:
        row.lease_owner, row.lease_until = owner, until
        row.state = UploadState.checking
        session.flush()
    return row


def _to_take(statement: Any, owner: str, now: datetime) -> Any:  # noqa: ANN401 - a select of a row or of its id
    free = or_(Upload.lease_until.is_(None), Upload.lease_until <= now, Upload.lease_owner == owner)
    return statement.where(Upload.state.in_(UPLOADS_UNDER_WAY), free).order_by(Upload.id).limit(1)


def go_on(session: Session, upload_id: int, *, owner: str, until: datetime, values: Mapping[str, Any]) -> bool:
    """Note how far a list has come, and keep it; False when it was stopped, or somebody else has it."""
    mine = (Upload.id == upload_id, Upload.lease_owner == owner, Upload.state.in_(UPLOADS_UNDER_WAY))
    return rows_met(session, update(Upload).where(*mine).values(lease_until=until, **values)) == 1


def end(
    session: Session, upload_id: int, state: UploadState, *, owner: str, now: datetime, values: Mapping[str, Any]
) -> bool:
    """Bring a list to its end; what was in it goes. False when it was stopped, or somebody else has it."""
    mine = (Upload.id == upload_id, Upload.lease_owner == owner, Upload.state.in_(UPLOADS_UNDER_WAY))
    ended = {"state": state, "ended_at": now, "lease_until": None, **values}
    if not rows_met(session, update(Upload).where(*mine).values(ended)):
        return False
    _empty(session, upload_id)
    return True


def stop(session: Session, upload_id: int, *, now: datetime) -> bool:
    """Take in no more of a list; False when it is over already. What is in stays in."""
    open_ = (Upload.id == upload_id, Upload.state.in_([UploadState.arriving, *UPLOADS_UNDER_WAY]))
    values = {"state": UploadState.stopped, "ended_at": now, "lease_until": None, "lease_owner": None}
    if not rows_met(session, update(Upload).where(*open_).values(values)):
        return False
    _empty(session, upload_id)
    return True


def _empty(session: Session, upload_id: int) -> None:
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))


def refuse(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep lines that could not be taken in; each once, also when a list is read again."""
    insert_all_missing(session, UploadRefusal, [dict(row) for row in rows])


def refusals(session: Session, upload_id: int, *, after: int, limit: int) -> Sequence[UploadRefusal]:
    """Refused lines beyond a line, in order."""
    mine = (UploadRefusal.upload_id == upload_id, UploadRefusal.line > after)
    return session.scalars(select(UploadRefusal).where(*mine).order_by(UploadRefusal.line).limit(limit)).all()


def count_refusals(session: Session, upload_id: int) -> int:
    mine = select(func.count()).select_from(UploadRefusal).where(UploadRefusal.upload_id == upload_id)
    return session.scalar(mine) or 0


def any_before(session: Session, moment: datetime) -> bool:
    """Whether there is a list that ended before a moment, or never arrived whole."""
    return session.scalar(select(Upload.id).where(_old(moment)).limit(1)) is not None


def forget_before(session: Session, moment: datetime) -> int:
    """Drop some of these lists with their refused lines; gives how many."""
    old = session.scalars(select(Upload.id).where(_old(moment)).limit(10)).all()
    session.execute(delete(UploadRefusal).where(UploadRefusal.upload_id.in_(old)))
    session.execute(delete(UploadPart).where(UploadPart.upload_id.in_(old)))
    return rows_met(session, delete(Upload).where(Upload.id.in_(old)))


def _old(moment: datetime) -> ColumnElement[bool]:
    lost = and_(Upload.state == UploadState.arriving, Upload.sent_at < moment)
    return or_(Upload.ended_at < moment, lost)
