"""A store that lives through an upgrade of tzdata: the one by which Mexico City lost its summer time."""

from datetime import date, datetime

from sqlalchemy import select, update

from db import zones
from db.engine import Store
from db.tables import Audit, DigestHour, Post
from tests.making import a_series, a_source, at, taken_in
from tests.timing.rules import OLDER_VERSION, older_rules

MEXICO_CITY = "America/Mexico_City"
BEFORE = at("2022-10-01 12:00")
"""When the plans of these tests are made."""
UPGRADED = at("2023-02-01 12:00")
WINTER = datetime(2023, 1, 10, 7)
SUMMER = datetime(2023, 7, 10, 7)
LATER = datetime(2023, 7, 17, 7)


def a_plan(store: Store, *walls: datetime, slug: str = "primer", zone: str = MEXICO_CITY, by: str = OLDER_VERSION):
    """A series of posts called 1, 2, … with these wall times, planned by rules that expected summer time in 2023."""
    sources = [a_source(slug=f"{number}", wall=wall) for number, wall in enumerate(walls, 1)]
    with older_rules(), store.writing() as session:
        series = a_series(session, slug, zone=zone, now=BEFORE)
        taken_in(session, series, sources, now=BEFORE)
        session.execute(update(Post).where(Post.series_id == series.id).values(tzdata=by, sequence=0, moved_at=None))


def set_post(store: Store, slug: str, **values: object) -> None:
    with store.writing() as session:
        session.execute(update(Post).where(Post.slug == slug).values(**values))


def dues(store: Store) -> list[datetime | None]:
    with store.reading() as session:
        return list(session.scalars(select(Post.due_at).order_by(Post.series_id, Post.position)))


def records(store: Store) -> list[Audit]:
    with store.reading() as session:
        return list(session.scalars(select(Audit).where(Audit.action == "tzdata").order_by(Audit.id)))


def hours(store: Store) -> list[tuple[int, date, datetime, date]]:
    with store.reading() as session:
        return [(row.hour, row.next_date, row.next_due_at, row.last_date) for row in zones.digest_hours(session)]


def a_digest_hour(store: Store, **values: object) -> None:
    """07:00 in Mexico City, due on 10 July 2023 as the older rules have it."""
    fields = {
        "zone": MEXICO_CITY,
        "hour": 7,
        "next_date": date(2023, 7, 10),
        "next_due_at": at("2023-07-10 12:00"),
        "last_date": date(2023, 7, 9),
    }
    with store.writing() as session:
        session.add(DigestHour(**{**fields, **values}))
