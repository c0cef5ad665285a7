"""A house as large as one wants, by SQL of its own: series half told, readers of some of them, a ledger of letters.

Who reads what, where and when is scattered by arithmetic, so that it is the same each time and on both databases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from released_posts import BODY, a_series
from sqlalchemy import insert, text

from db.engine import Store
from db.states import PostState
from db.tables import DigestHour, Edition, EditionCut, Post, PostTag, Release, Revision, Series, Variant
from scheduler.cadence import parse_words
from scheduler.editions import ensure_digest_hours
from timing.wall import TZDATA, moment_of

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
ZONES = sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))[:40]
_SQL_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
)


@dataclass(frozen=True)
class Size:
    series: int = 20
    posts: int = 100
    readers: int = 1_000_000
    editions: int = 60
    letters: int = 1_000_000

    @property
    def out(self) -> int:
        """How many posts of each series are out."""
        return self.posts // 2


def fill(store: Store, size: Size) -> None:
    for number in range(1, size.series + 1):
        _a_series(store, number, size)
    _readers(store, size)
    _ledger(store, size)
    with store.writing() as session:
        session.execute(text("ANALYZE"))


def _a_series(store: Store, number: int, size: Size) -> None:
    """Half of it out, a post a day until today; the rest planned, a post a day from tomorrow on."""
    cadence = parse_words("daily at 07:00 from 1 March 2026").to_json()
    rows = list(_posts(number, size))
    with store.writing() as session:
        session.execute(insert(Series), [a_series(number, size.out) | {"zone": "Europe/Riga", "cadence": cadence}])
        for table in (Post, Revision, Release, PostTag):
            session.execute(insert(table), [row for of, row in rows if of is table])


def _posts(series: int, size: Size) -> Iterator[tuple[type, dict[str, Any]]]:
    for seq in range(1, size.posts + 1):
        key, out = (series - 1) * size.posts + seq, seq <= size.out
        day = date(2026, 3, 6) + timedelta(days=seq - size.out)
        due = moment_of(day, hour=7, zone="Europe/Riga")
        assert due is not None
        yield Post, {
            "id": key, "series_id": series, "entry_id": f"tag:example.org,2026:{series}-{seq}",
            "slug": f"chapter-{seq}", "number": str(seq), "position": seq, "seq": seq if out else None,
            "state": PostState.released if out else PostState.planned, "wall": datetime.combine(day, time(7)),
            "zone": "Europe/Riga", "tzdata": TZDATA, "due_at": due, "revision_id": key, "created_at": NOW,
        }  # fmt: skip
        yield Revision, {
            "id": key, "post_id": key, "number": 1, "title": f"Chapter {seq} of series {series}",
            "summary": "What this chapter is about, in a sentence or two.", "tags": ["Rain"], "body": BODY,
            "digest": f"{key:064x}", "significant": True, "created_at": NOW,
        }  # fmt: skip
        yield PostTag, {"post_id": key, "tag": "rain", "name": "Rain"}
        if out:
            yield Release, {
                "id": key, "post_id": key, "series_id": series, "seq": seq, "planned_at": due, "released_at": due,
                "lateness_ms": 0, "silent": False,
            }  # fmt: skip


_READERS = f"""
    INSERT INTO subscribers (id, address, address_key, fingerprint, name, zone, hour, language, format, state,
        created_at)
    {_SQL_NUMBERS}, zones(number, zone) AS (VALUES %s)
    SELECT n, 'reader' || n || '@example.org', 'reader' || n || '@example.org', 'print ' || n, 'Reader ' || n, zone,
        CASE WHEN n %% 10 < 6 THEN 7 ELSE (n * 7919 / 10) %% 24 END, 'en', 'html',
        CASE WHEN n %% 50 = 0 THEN 'left' ELSE 'active' END, %s
    FROM numbers JOIN zones ON number = (n * 2654435761 %% 4294967296) * :zones * :zones / 4294967296 %% :zones
"""
_FOLLOWED = """
    INSERT INTO subscriptions (subscriber_id, series_id, frequency, weekday, state, watermark, created_at)
    SELECT id, 1 + (first + nth * 7) % :series,
        CASE WHEN first % 10 < 7 THEN 'daily' WHEN first % 10 < 9 THEN 'weekly' ELSE 'instant' END,
        CASE WHEN first % 10 BETWEEN 7 AND 8 THEN id % 7 ELSE 0 END, 'active',
        :out - CASE WHEN id % 100 = 1 THEN id % 3 ELSE 0 END, created_at
    FROM (SELECT id, created_at, (id * 40503 % 65536) * (id * 30011 % 65536) / 65536 * :series / 65536 AS first
          FROM subscribers) AS chosen JOIN (SELECT 0 AS nth UNION SELECT 1 UNION SELECT 2) AS more ON nth <= id % 3
    ORDER BY id, nth
"""


def _readers(store: Store, size: Size) -> None:
    """Each follows one to three series, many of them the first ones; most at 07:00, in forty zones."""
    zones = ", ".join(f"({number}, '{zone}')" for number, zone in enumerate(ZONES))
    with store.writing() as session:
        came = _days_before(store, "n % 900")
        session.execute(text(_READERS % (zones, came)), {"many": size.readers, "zones": len(ZONES)})
        session.execute(text(_FOLLOWED), {"series": size.series, "out": size.out})
        ensure_digest_hours(session, [(zone, hour) for zone in ZONES for hour in range(24)], now=NOW)
        assert session.query(DigestHour).count() == len(ZONES) * 24


def _days_before(store: Store, days: str, seconds: str = "0") -> str:
    """SQL of an instant so many days before now."""
    if store.is_sqlite:
        moved = f"'-' || ({days}) || ' days', '+' || ({seconds}) || ' seconds'"
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOW:%Y-%m-%d %H:%M:%S}', {moved})"
    return f"timestamptz '{NOW.isoformat()}' - ({days}) * interval '1 day' + ({seconds}) * interval '1 second'"


_BATCHES = f"""
    INSERT INTO batches (edition_id, first, last, cursor, state, fence, attempts)
    {_SQL_NUMBERS}
    SELECT :edition, :first + n * 1000 - 1000, :first + n * 1000 - 1, :first + n * 1000 - 1, 'finished', 1, 0
    FROM numbers
"""
_LETTERS = f"""
    INSERT INTO deliveries (edition_id, subscriber_id, batch_id, variant_id, address, name, date, state, ever_in_doubt,
        attempts, code, reply, settled_at)
    {_SQL_NUMBERS}
    SELECT :edition, batches.first + n - 1, batches.id, :variant, 'reader' || (batches.first + n - 1) || '@example.org',
        '', %s,
        CASE WHEN n %% 200 = 0 THEN 'hard' WHEN n %% 300 = 1 THEN 'soft' WHEN n %% 500 = 2 THEN 'in_doubt'
            ELSE 'sent' END,
        n %% 500 = 2, 1, 250, '2.0.0 Ok: queued', %s
    FROM batches JOIN numbers ON true WHERE edition_id = :edition AND batches.first + n - 1 <= :last
"""


def _ledger(store: Store, size: Size) -> None:
    """An edition a day until today, each to readers of its own."""
    each = min(size.letters, size.readers) // size.editions
    for number in range(1, size.editions + 1):
        _an_edition(store, number, size, first=(number - 1) * each + 1, letters=each)


def _an_edition(store: Store, number: int, size: Size, *, first: int, letters: int) -> None:
    back = size.editions - number
    day = NOW.date() - timedelta(days=back)
    moment = moment_of(day, hour=7, zone="Europe/Riga")
    assert moment is not None
    with store.writing() as session:
        session.execute(insert(Edition), [{
            "id": number, "key": f"digest:Europe/Riga:07:{day}", "kind": "digest", "zone": "Europe/Riga", "hour": 7,
            "local_date": day, "since_date": day - timedelta(days=1), "moment": moment, "created_at": moment,
            "state": "finished", "finished_at": moment + timedelta(minutes=10),
        }])  # fmt: skip
        cuts = [
            {"edition_id": number, "series_id": one + 1, "cut": max(1, size.out - back)} for one in range(size.series)
        ]
        session.execute(insert(EditionCut), cuts)
        session.execute(insert(Variant), [{
            "id": number, "edition_id": number, "digest": f"{number:064x}", "language": "en", "format": "html",
            "posts": [[1, 1]], "skeleton": b"",
        }])  # fmt: skip
        settled = _days_before(store, str(back), "n % 600")
        session.execute(text(_BATCHES), {"edition": number, "first": first, "many": -(-letters // 1000)})
        session.execute(
            text(_LETTERS % (_days_before(store, str(back)), settled)),
            {"edition": number, "variant": number, "many": 1000, "last": first + letters - 1},
        )
