"""Editions: noticing that one is due, giving it its cuts, and seeing it finished."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from db import audience, posts, tasks
from db.engine import Store
from db.statements import rows_met
from db.states import (
    BatchState,
    EditionKind,
    EditionState,
    PostState,
    SubscriberState,
    SubscriptionState,
)
from db.tables import Batch, DigestHour, Edition, EditionCut, Post, Release, Series, Subscriber, Subscription
from db.upsert import insert_missing
from timing.wall import moment_of, next_moment, to_wall

LATEST = timedelta(hours=12)
"""A missed digest older than this is not sent; the next one carries what it would have carried."""


def digest_key(zone: str, hour: int, day: date) -> str:
    return f"digest:{zone}:{hour:02}:{day.isoformat()}"


def next_due_at(session: Session) -> datetime | None:
    """When the next digest is due; may lie in the past."""
    return session.scalar(select(DigestHour.next_due_at).order_by(DigestHour.next_due_at).limit(1))


def plan_due_digest(store: Store, *, now: datetime) -> bool:
    """Turn one due (zone, hour) into an edition with its cuts; False when there is nothing to do yet.

    Waits while a post that was due by the edition's moment is unreleased (in held series aside), so that an edition
    never leaves out what it should carry.
    """
    with store.reading() as session:
        due = session.scalar(
            select(DigestHour).where(DigestHour.next_due_at <= now).order_by(DigestHour.next_due_at).limit(1)
        )
        if due is None or posts.any_due(session, due.next_due_at):
            return False
        day, moment = _latest(due, now)
        in_time = now - moment <= LATEST
        # Asked here, where nobody waits for it: a million readers take half a second.
        cuts = _owed_cuts(session, due, audience.joins(day, due.last_date)) if in_time else {}
    with store.writing() as session:
        if posts.any_due(session, moment) or not _move_on(session, due, now=now, held_on=day if in_time else None):
            return False
        if cuts:
            _create_digest(session, due, cuts, day=day, moment=moment, now=now)
    return True


def _latest(due: DigestHour, now: datetime) -> tuple[date, datetime]:
    """Of all dates of this hour that are due by now, the last one."""
    day = to_wall(now, due.zone).date() + timedelta(days=1)
    while day > due.next_date:
        moment = moment_of(day, hour=due.hour, zone=due.zone)
        if moment is not None and moment <= now:
            return day, moment
        day -= timedelta(days=1)
    return due.next_date, due.next_due_at


def _move_on(session: Session, due: DigestHour, *, now: datetime, held_on: date | None) -> bool:
    day, moment = next_moment(now, hour=due.hour, zone=due.zone)
    seen = (DigestHour.zone == due.zone, DigestHour.hour == due.hour, DigestHour.next_due_at == due.next_due_at)
    values = {"next_date": day, "next_due_at": moment, "last_date": held_on or due.last_date}
    return rows_met(session, update(DigestHour).where(*seen).values(values)) == 1


def _create_digest(
    session: Session, due: DigestHour, cuts: Mapping[int, int], *, day: date, moment: datetime, now: datetime
) -> None:
    key = digest_key(due.zone, due.hour, day)
    row = {
        "key": key,
        "kind": EditionKind.digest,
        "zone": due.zone,
        "hour": due.hour,
        "local_date": day,
        "since_date": due.last_date,
        "moment": moment,
        "created_at": now,
    }
    if insert_missing(session, Edition, row):
        edition_id = session.scalars(select(Edition.id).where(Edition.key == key)).one()
        session.add_all(EditionCut(edition_id=edition_id, series_id=series, cut=cut) for series, cut in cuts.items())
        tasks.note(session, [tasks.edition(edition_id)])


def _owed_cuts(session: Session, due: DigestHour, joins: ColumnElement[bool]) -> dict[int, int]:
    """The cuts of the series of which somebody at this hour is owed something; empty when nobody is owed anything."""
    # Where they stand first, and then what lies after it: a million readers stand in few places.
    stand = (
        select(Subscription.series_id, Subscription.watermark, audience.catches_up().label("from_the_past"))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.zone == due.zone, Subscriber.hour == due.hour, Subscriber.state == SubscriberState.active)
        .where(Subscription.state == SubscriptionState.active, joins)
        .distinct()
        .subquery()
    )
    owed = (
        select(Release.id)
        .join(Post, Post.id == Release.post_id)
        .where(Release.series_id == stand.c.series_id, Release.seq > stand.c.watermark)
        .where(or_(Release.silent.is_(False), stand.c.from_the_past), Post.state == PostState.released)
    )
    statement = select(Series.id, Series.last_seq).join(stand, stand.c.series_id == Series.id).distinct()
    return dict(session.execute(statement.where(owed.correlate(stand).exists())).all())


def finish_editions(store: Store, *, now: datetime) -> int:
    """Mark editions of which every batch is finished; gives how many were."""
    with store.writing() as session:
        unfinished = select(Batch.id).where(Batch.edition_id == Edition.id, Batch.state != BatchState.finished)
        done = update(Edition).where(Edition.state == EditionState.sending, ~unfinished.correlate(Edition).exists())
        return rows_met(session, done.values(state=EditionState.finished, finished_at=now))


def ensure_digest_hour(session: Session, *, zone: str, hour: int, now: datetime) -> None:
    """See to it that digests at this zone and hour come due, the first strictly after `now`."""
    day, moment = next_moment(now, hour=hour, zone=zone)
    row = {"zone": zone, "hour": hour, "next_date": day, "next_due_at": moment, "last_date": day - timedelta(days=1)}
    insert_missing(session, DigestHour, row)


def ensure_digest_hours(session: Session, places: Collection[tuple[str, int]], *, now: datetime) -> None:
    """The same for many a (zone, hour), most of which are there already."""
    zones = {zone for zone, _ in places}
    there = select(DigestHour.zone, DigestHour.hour).where(DigestHour.zone.in_(zones))
    for zone, hour in sorted(set(places) - {(zone, hour) for zone, hour in session.execute(there)}):
        ensure_digest_hour(session, zone=zone, hour=hour, now=now)


def unfinished(session: Session) -> bool:
    """Whether any edition is due or going out."""
    going = or_(Edition.state == EditionState.due, Edition.state == EditionState.sending)
    return session.scalar(select(Edition.id).where(going).limit(1)) is not None
