"""Questions about long imports: where one stands, and how it moves on."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.tables import Import
from db.upsert import insert_missing


def begin(session: Session, digest: str, *, file: str, now: datetime) -> Import:
    """The import with this digest, where it stands; one that was finished begins anew."""
    fresh = {"file": file, "line": 0, "counts": {}, "started_at": now, "finished_at": None}
    insert_missing(session, Import, {"digest": digest, **fresh})
    finished = (Import.digest == digest, Import.finished_at.is_not(None))
    session.execute(update(Import).where(*finished).values(fresh))
    return session.get_one(Import, digest, populate_existing=True)


def find(session: Session, digest: str) -> Import | None:
    return session.get(Import, digest)


def advance(session: Session, digest: str, *, after: int, upto: int, counts: Mapping[str, int]) -> bool:
    """Say that the lines up to one are in; False when it does not stand at `after` any more."""
    stands = (Import.digest == digest, Import.line == after, Import.finished_at.is_(None))
    return rows_met(session, update(Import).where(*stands).values(line=upto, counts=dict(counts))) == 1


def finish(session: Session, digest: str, *, after: int, now: datetime) -> bool:
    stands = (Import.digest == digest, Import.line == after, Import.finished_at.is_(None))
    return rows_met(session, update(Import).where(*stands).values(finished_at=now)) == 1
