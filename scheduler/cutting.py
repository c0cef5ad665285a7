"""Opening editions: a due one is cut into batches, some at a time, so that nothing has to wait until it is all cut."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db import audience
from db.engine import Store
from db.states import EditionState
from db.tables import Batch, Edition
from scheduler import copies

log = structlog.get_logger()

BATCH = 1000
"""Subscribers in one batch."""
AT_ONCE = 20
"""Batches cut in one step: some 30 ms of reading, and a write of as many rows."""


def cut_some(store: Store, note: Path, *, size: int = BATCH, at_once: int = AT_ONCE) -> bool:
    """Cut some batches of one due edition, which goes out when it is all cut; False when none is due.

    No write waits for the reading, however many readers there are, and no more ids are held than those of one step.
    """
    with store.reading() as session:
        edition = _first_due(session)
        if edition is None:
            return False
        after = _cut_up_to(session, edition.id)
        ids = audience.ids_after(session, edition, after=after, limit=size * at_once)
    if after == 0:
        copies.raise_epoch(store, note)
    some = [_batch(edition.id, ids[begin : begin + size]) for begin in range(0, len(ids), size)]
    all_cut = len(ids) < size * at_once
    if _add(store, edition.id, some, after=after, all_cut=all_cut) and all_cut:
        log.info("edition opened", edition=edition.key)
    return True


def _first_due(session: Session) -> Edition | None:
    due = select(Edition).where(Edition.state == EditionState.due)
    return session.scalar(due.order_by(Edition.priority.desc(), Edition.moment, Edition.id).limit(1))


def _cut_up_to(session: Session, edition_id: int) -> int:
    """The last subscriber whom a batch holds; 0 when there is no batch yet."""
    last = select(Batch.last).where(Batch.edition_id == edition_id).order_by(Batch.first.desc()).limit(1)
    return session.scalar(last) or 0


def _batch(edition_id: int, ids: Sequence[int]) -> dict[str, int]:
    return {"edition_id": edition_id, "first": ids[0], "last": ids[-1], "cursor": ids[0] - 1}


def _add(store: Store, edition_id: int, some: Sequence[dict[str, int]], *, after: int, all_cut: bool) -> bool:
    """Add batches behind those there are; False when another node has cut meanwhile, or an operator stopped it.

    Two nodes may see two audiences: were their batches mixed, one might hold readers that another holds already.
    """
    due = (Edition.id == edition_id, Edition.state == EditionState.due)
    with store.writing() as session:
        locked = session.scalar(select(Edition.id).where(*due).with_for_update())
        if locked is None or _cut_up_to(session, edition_id) != after:
            return False
        if some:
            session.execute(insert(Batch), some)
        if all_cut:
            session.execute(update(Edition).where(*due).values(state=EditionState.sending))
    return True
