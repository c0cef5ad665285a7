"""Personal editions: one letter to one subscription, which somebody asked for and waits for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import editions, tasks
from db.states import PRIORITIES, EditionKind
from db.tables import Edition, EditionCut, Series, Subscriber, Subscription
from db.upsert import insert_missing


def send_owed(session: Session, subscriptions: Sequence[Subscription], *, now: datetime) -> None:
    """Have what these subscriptions are owed sent at once, each in a letter of its own; one that waits is enough.

    Who catches up is sent the next step of it, beside the pace.
    """
    waiting = editions.personal_waiting(session, [one.id for one in subscriptions])
    for subscription in subscriptions:
        if subscription.id not in waiting:
            _create(session, subscription, now=now)


def _create(session: Session, subscription: Subscription, *, now: datetime) -> None:
    reader = session.get_one(Subscriber, subscription.subscriber_id)
    series = session.get_one(Series, subscription.series_id)
    # Two who ask at once mean the same letter, and find the same key.
    before = editions.personal_count(session, subscription.id)
    key = f"personal:{subscription.id}:{subscription.watermark}:{before + 1}"
    row = {
        "key": key,
        "kind": EditionKind.personal,
        "zone": reader.zone,
        "subscription_id": subscription.id,
        "priority": PRIORITIES[EditionKind.personal],
        "moment": now,
        "created_at": now,
    }
    if insert_missing(session, Edition, row):
        edition_id = session.scalars(select(Edition.id).where(Edition.key == key)).one()
        session.add(EditionCut(edition_id=edition_id, series_id=series.id, cut=series.last_seq))
        tasks.note(session, [tasks.edition(edition_id)])
        session.flush()
