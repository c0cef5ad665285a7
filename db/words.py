"""The words of letters that went out long ago: they are many times what the ledger says of them, and can be let go."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.statements import rows_met
from db.states import EditionState
from db.tables import Edition, Variant

NONE = b""
"""What is kept of words that were let go."""
AT_ONCE = 200
"""Contents whose words are let go in one write."""


def oldest(session: Session, *, before: datetime) -> int | None:
    """The edition over since before then that was due first of those whose words are kept; None when there is none."""
    over = Edition.state.in_([EditionState.finished, EditionState.cancelled])
    kept = (Edition.words_kept, Edition.moment < before, over)
    return session.scalar(select(Edition.id).where(*kept).order_by(Edition.moment).limit(1))


def let_go(session: Session, edition_id: int) -> None:
    """Let go of some of an edition's words, and note it when they were the last.

    Who got what, and when, stays; a letter without its words cannot be shown nor sent again.
    """
    some = select(Variant.id).where(Variant.edition_id == edition_id, Variant.skeleton != NONE).limit(AT_ONCE)
    if rows_met(session, update(Variant).where(Variant.id.in_(some)).values(skeleton=NONE)) < AT_ONCE:
        session.execute(update(Edition).where(Edition.id == edition_id).values(words_kept=False))
