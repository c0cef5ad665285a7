"""The counters behind signed links."""

from sqlalchemy.orm import Session

from db.tables import Token


def counter(session: Session, purpose: str, subject: int) -> int:
    """The counter that a token of this purpose and subject has to carry now; 0 until it was first raised."""
    row = session.get(Token, (purpose, subject))
    return 0 if row is None else row.counter
