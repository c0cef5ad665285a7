"""New zone rules: local time is the truth of a plan, so instants to come are derived anew, and what moved is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy.orm import Session

from db import plans, zones
from db import series as all_series
from db.engine import Store
from db.kept import noted
from db.said import say
from db.states import PostState
from db.tables import Audit, DigestHour
from db.zones import Derived
from scheduler.edit.diff import Action
from timing.wall import TZDATA, is_zone, moment_of, never_earlier, to_instant

log = structlog.get_logger()


@dataclass(frozen=True)
class Moved:
    """A post whose wall time is, by another version of tzdata, another instant."""

    series: str
    post: str
    wall: datetime
    zone: str
    before: datetime
    after: datetime
    from_version: str | None
    to_version: str


def rederive_all(store: Store, *, now: datetime, version: str = TZDATA) -> list[Moved]:
    """Derive the future anew by the zone rules in force, wherever others were; gives the posts that moved.

    For every start: when nothing is to do, it is a look at the posts to come and at the hours of digests. Each series
    has a transaction of its own, so that it is safe on several nodes at once, and after a kill goes on where it was.
    `now`, calendar time, is when the move is said to have been made.
    """
    with store.reading() as session:
        waiting = zones.series_not_by(session, version)
    moved: list[Moved] = []
    for series_id in waiting:
        with store.writing() as session:
            some = rederive(session, series_id, now=now, version=version)
        _tell(some)
        moved += some
    rederive_digest_hours(store)
    return moved


def rederive(session: Session, series_id: int, *, now: datetime, version: str = TZDATA) -> list[Moved]:
    """Derive anew the instants to come of one series, under its row lock; gives the posts that moved.

    What is out stays as it was. A series with a zone that these rules do not know is left alone.
    """
    series = all_series.lock(session, series_id)
    rows = zones.derived_of(session, series_id)
    if unknown := sorted({row.zone for row in rows if not is_zone(row.zone)}):
        log.error("zone unknown", series=series.slug, zone=unknown[0], tzdata=version)
        return []
    moves = [(row, after) for row, after in derived_anew(rows) if row.due_at != after]
    zones.move(session, moves, now=now)
    zones.derive_by(session, series_id, version)
    moved = [
        Moved(series.slug, row.slug, row.wall, row.zone, row.due_at, after, row.tzdata, version) for row, after in moves
    ]
    if moved:
        session.add(_record(series_id, moved, now=now, version=version))
    return moved


def derived_anew(rows: Sequence[Derived]) -> list[tuple[Derived, datetime]]:
    """Posts of one series in the order of its plan, each with the instant of its wall time.

    The instants of planned posts never decrease; drafts have no place among them.
    """
    planned = [row for row in rows if row.state == PostState.planned]
    aside = [row for row in rows if row.state != PostState.planned]
    in_order = never_earlier(to_instant(row.wall, row.zone) for row in planned)
    return [*zip(planned, in_order, strict=True), *((row, to_instant(row.wall, row.zone)) for row in aside)]


def _record(series_id: int, moved: Sequence[Moved], *, now: datetime, version: str) -> Audit:
    """A line of the plan's history, beside the edits of operators."""
    before = ", ".join(sorted({one.from_version for one in moved if one.from_version} - {version}))
    detail = {
        **noted(say("zone rules of tzdata %(version)s in place of %(before)s", version=version, before=before)),
        "from": before,
        "to": version,
        "moves": len(moved),
        "moved": [
            {"post": one.post, "before": one.before.isoformat(), "after": one.after.isoformat()} for one in moved
        ],
    }
    subject = plans.subject(series_id)
    return Audit(at=now, actor="fascicle", action=Action.tzdata, subject=subject, detail=detail)


def _tell(moved: Sequence[Moved]) -> None:
    for one in moved:
        log.info(
            "post moved by new zone rules",
            series=one.series,
            post=one.post,
            wall=one.wall.isoformat(),
            zone=one.zone,
            before=one.before.isoformat(),
            after=one.after.isoformat(),
            from_version=one.from_version,
            to_version=one.to_version,
        )


def rederive_digest_hours(store: Store) -> None:
    """Make digests due at their hour by the rules in force. A row keeps no version, so all are looked at."""
    with store.reading() as session:
        hours = [hour for hour in zones.digest_hours(session) if is_zone(hour.zone)]
    wrong = [(hour, *due) for hour in hours if (due := next_due(hour)) != (hour.next_date, hour.next_due_at)]
    for _, moves in groupby(wrong, key=lambda move: move[0].zone):
        _move_hours(store, list(moves))


def next_due(hour: DigestHour) -> tuple[date, datetime]:
    """The next date of a digest, or the first after it that its zone has, with the instant of its hour."""
    day = hour.next_date
    while (moment := moment_of(day, hour=hour.hour, zone=hour.zone)) is None:
        day += timedelta(days=1)
    return day, moment


def _move_hours(store: Store, moves: Sequence[tuple[DigestHour, date, datetime]]) -> None:
    with store.writing() as session:
        done = [move for move in moves if zones.move_digest_hour(session, move[0], day=move[1], moment=move[2])]
    for hour, _, moment in done:
        log.info(
            "digest moved by new zone rules",
            zone=hour.zone,
            hour=hour.hour,
            before=hour.next_due_at.isoformat(),
            after=moment.isoformat(),
        )
