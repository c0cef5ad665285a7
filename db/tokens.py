"""The counters behind signed links."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.prepared import among_ids
from db.tables import Token
from db.upsert import upserting


def counter(session: Session, purpose: str, subject: int) -> int:
    """The counter that a token of this purpose and subject has to carry now; 0 until it was first raised."""
    row = session.get(Token, (purpose, subject))
    return 0 if row is None else row.counter


def counters(session: Session, purpose: str, subjects: Collection[int]) -> dict[int, int]:
    """The same for many subjects at once."""
    statement = select(Token.subject, Token.counter).where(Token.purpose == purpose, among_ids(Token.subject))
    raised = dict(session.execute(statement, {"ids": subjects}).all())
    return {subject: raised.get(subject, 0) for subject in subjects}


def raise_counter(session: Session, purpose: str, subject: int) -> None:
    """Revoke all tokens of this purpose and subject that were made so far."""
    insert = upserting(session, Token).values(purpose=purpose, subject=subject, counter=1)
    more = {"counter": Token.counter + 1}
    session.execute(insert.on_conflict_do_update(index_elements=["purpose", "subject"], set_=more))
