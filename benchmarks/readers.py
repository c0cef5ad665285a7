"""Stores with very many subscribers, put there by SQL of their own: what is measured begins afterwards."""

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from sqlalchemy import text

from db.engine import Store
from db.states import Frequency
from importers.values import Place, PostSource
from scheduler.editions import ensure_digest_hour
from scheduler.intake import NewSeries, create_series, take_in

BEGIN = datetime(2026, 3, 3, 12, tzinfo=UTC)
RELEASE = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""When the only post of each series is due."""
MORNING = datetime(2026, 3, 5, 9, tzinfo=UTC)
"""When the digests of 07:00 on 5 March are due everywhere in Europe."""
HOUR = 7
EUROPE = sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))[:40]

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
_SUBSCRIBERS = f"""
    INSERT INTO subscribers (id, address, address_key, fingerprint, name, zone, hour, language, format, state,
        created_at)
    {_NUMBERS}, zones(number, zone) AS (VALUES %s)
    SELECT :first + n, 'reader' || (:first + n) || '@example.org', 'reader' || (:first + n) || '@example.org',
        'print ' || (:first + n), 'Reader ' || n, zone, 7, 'en', 'html', 'active', :made
    FROM numbers JOIN zones ON number = n %% :zones
"""
_SUBSCRIPTIONS = """
    INSERT INTO subscriptions (subscriber_id, series_id, frequency, weekday, state, watermark, created_at)
    SELECT id, :series, :frequency, 0, 'active', 0, :made FROM subscribers
    WHERE id > :first AND id <= :first + :many ORDER BY id
"""


def a_series(store: Store, slug: str) -> int:
    """The id of a new series with one post, due at RELEASE."""
    source = PostSource(
        series=None,
        number="1",
        title="Rain",
        summary="It rains.",
        slug="rain",
        wall=RELEASE.replace(tzinfo=None),
        tags=(),
        author=None,
        draft=False,
        id=None,
        body="It *rains*. " * 100,
        media=(),
        place=Place("rain.md", 1),
    )
    with store.writing() as session:
        series = create_series(session, slug=slug, title=slug.title(), zone="UTC", language="en", now=BEGIN)
        take_in(session, [source], slug=slug, defaults=NewSeries("UTC", "en"), now=BEGIN)
        return series.id


def read(store: Store, series: int, frequency: Frequency, *, many: int, zones: list[str], first: int = 0) -> None:
    """So many new subscribers of a series, spread over zones, with ids beyond `first`."""
    made = BEGIN.replace(tzinfo=None) if store.is_sqlite else BEGIN
    values = {"many": many, "first": first, "made": str(made) if store.is_sqlite else made}
    places = ", ".join(f"({number}, '{zone}')" for number, zone in enumerate(zones))
    with store.writing() as session:
        session.execute(text(_SUBSCRIBERS % places), {**values, "zones": len(zones)})
        session.execute(text(_SUBSCRIPTIONS), {**values, "series": series, "frequency": frequency.value})
        for zone in zones:
            ensure_digest_hour(session, zone=zone, hour=HOUR, now=MORNING - timedelta(days=1))
    if not store.is_sqlite:
        with store.writing() as session:
            session.execute(text("ANALYZE"))
