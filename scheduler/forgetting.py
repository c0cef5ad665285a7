"""Those who asked for letters and never confirmed it are not kept."""

from datetime import datetime, timedelta

from db import personal
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
