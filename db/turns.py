"""Turns to send: taken by the dozen, so that many letters cost one write."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from db.tables import Turn
from db.upsert import insert_missing

SLACK: Final = timedelta(seconds=0.25)
"""How old a turn may be that is given away: who comes a moment late for the next ones loses none."""


class Wanted(NamedTuple):
    """So many turns of a pace of so many a second."""

    turns: int
    rate: float


def take(session: Session, wanted: Mapping[str, Wanted], *, now: datetime) -> dict[str, datetime]:
    """Give turns away, by key: the instant of the first; the others follow in equal steps. `now` is machine time.

    No turn is given twice, whoever asks, and however their clocks differ.
    """
    return {key: _take(session, key, wanted[key], now) for key in sorted(wanted)}


def _take(session: Session, key: str, wanted: Wanted, now: datetime) -> datetime:
    insert_missing(session, Turn, {"key": key, "free_at": now})
    row = session.get_one(Turn, key, with_for_update=True, populate_existing=True)
    first = max(row.free_at, now - SLACK)
    row.free_at = first + timedelta(seconds=wanted.turns / wanted.rate)
    return first
