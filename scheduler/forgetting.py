"""What is not kept for ever: who asked for letters and never confirmed it, and the words of old letters."""

from datetime import datetime, timedelta

from db import personal, words
from db.engine import Store

KEPT = timedelta(days=7)
"""How long an address is kept that nobody confirmed."""
AT_ONCE = 200


def forget_unconfirmed(store: Store, *, now: datetime) -> bool:
    """Forget some of them; False when there was none."""
    with store.reading() as session:
        if not personal.unconfirmed(session, now=now, after=KEPT, limit=1, lock=False):
            return False
    with store.writing() as session:
        some = personal.unconfirmed(session, now=now, after=KEPT, limit=AT_ONCE)
        for reader_id in some:
            personal.forget(session, reader_id)
    return bool(some)


def forget_letters(store: Store, *, now: datetime, kept: timedelta) -> bool:
    """Let go of some words of letters that were due longer ago than `kept`; False when there were none."""
    with store.reading() as session:
        edition_id = words.oldest(session, before=now - kept)
    if edition_id is None:
        return False
    with store.writing() as session:
        words.let_go(session, edition_id)
    return True
