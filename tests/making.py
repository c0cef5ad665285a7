"""Factories with defaults, so that a test shows only what matters to it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import installation
from db.engine import Store
from db.states import StoreKind
from db.tables import Base, Edition, FeedWork, Post, Release, Series, Subscriber
from feeds.publication import Publication
from importers.values import Place, PostSource, SubscriberSource
from mail.tokens import Tokens
from scheduler import copies
from scheduler.intake import NewSeries, Taken, create_series, take_in
from scheduler.letters import House
from scheduler.passes import Clockwork
from scheduler.readers import ReaderDefaults
from scheduler.release import Rules
from scheduler.taking_in import take_in_readers
from templates.environment import environment
from text.addresses import Addresses

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKENS = Tokens(b"a secret of at least thirty-two characters")
_numbers = count(1)
the_environment = cache(environment)
"""Compiled once: a test that begins many workers would else compile its templates as often."""
T = TypeVar("T")


def at(text: str) -> datetime:
    """An instant from "2026-03-05 07:00", in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_house(store: Store, *, kind: StoreKind = StoreKind.live, now: datetime = NOON) -> None:
    """Set the store up."""
    with store.writing() as session:
        identity = copies.identity(store, session)
        installation.create(session, database=identity, kind=kind, domain="example.org", now=now)


def a_series(session: Session, slug: str = "primer", *, now: datetime = NOON, **values: object) -> Series:
    row = create_series(
        session,
        slug=slug,
        title=str(values.pop("title", slug.title())),
        zone=str(values.pop("zone", "UTC")),
        language="en",
        now=now,
    )
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def a_source(
    title: str = "A chapter", *, slug: str | None = None, wall: datetime | None = None, **values: object
) -> PostSource:
    """A post as an importer hands it on; `wall` is naive."""
    fields: dict[str, object] = {
        "series": None,
        "number": None,
        "title": title,
        "summary": "What it is about.",
        "slug": slug or f"post-{next(_numbers)}",
        "wall": wall,
        "tags": (),
        "author": None,
        "draft": False,
        "id": None,
        "body": "Some *words*.",
        "media": (),
        "place": Place("chapter.md", 1),
    }
    return PostSource(**{**fields, **values})  # type: ignore[arg-type]


def taken_in(session: Session, series: Series, sources: Sequence[PostSource], *, now: datetime = NOON) -> list[Taken]:
    return take_in(session, sources, slug=series.slug, defaults=NewSeries("UTC", "en"), now=now)


def a_planned_post(session: Session, series: Series, due: datetime, *, now: datetime = NOON, **values: object) -> Post:
    """A post pinned to an instant, in a series that lives in UTC."""
    source = a_source(wall=due.replace(tzinfo=None), **values)  # type: ignore[arg-type]
    taken_in(session, series, [source], now=now)
    return session.query(Post).filter_by(series_id=series.id, slug=source.slug).one()


def a_publication(**values: object) -> Publication:
    """The site as its feeds name it."""
    fields: dict[str, object] = {
        "addresses": Addresses("https://example.org"),
        "title": "My serials",
        "author_name": "A. Writer",
        "author_email": None,
        "language": "en",
    }
    return Publication(**{**fields, **values})  # type: ignore[arg-type]


def a_reader(
    session: Session, email: str = "alice@example.org", *, now: datetime = NOON, **values: object
) -> Subscriber:
    """A daily reader of all series at 07:00 UTC, unless told otherwise."""
    fields: dict[str, object] = {
        "email": email,
        "name": email.partition("@")[0].title(),
        "zone": "UTC",
        "hour": 7,
        "frequency": "daily",
        "series": (),
        "language": "en",
        "place": Place("readers.csv", 2),
    }
    source = SubscriberSource(**{**fields, **values})  # type: ignore[arg-type]
    take_in_readers(session, [source], defaults=ReaderDefaults("UTC", "en"), fingerprint=TOKENS.fingerprint, now=now)
    return session.query(Subscriber).filter_by(address=email).one()


def a_house_of_letters(url: str = "https://example.org", **changes: Any) -> House:
    """What letters say of their sender."""
    usual: dict[str, Any] = {
        "title": "My serials",
        "postal_address": "1 Example Street, Riga",
        "zone": "UTC",
        "from_name": "My serials",
        "from_address": "post@example.org",
        "reply_to": None,
        "domain": "example.org",
        "addresses": Addresses(url),
        "tokens": TOKENS,
        "env": the_environment(),
    }
    return House(**(usual | changes))


def a_note(tmp_path: Path) -> Path:
    return tmp_path / "node.json"


RULES = Rules()


def a_clockwork(store: Store, note: Path) -> Clockwork:
    return Clockwork(store, note, RULES)


def released_slugs(store: Store) -> list[str]:
    """Slugs of what was released, in the order of seq, series by series."""
    statement = select(Post.slug).join(Release, Release.post_id == Post.id).order_by(Release.series_id, Release.seq)
    with store.reading() as session:
        return list(session.scalars(statement))


def releases_of(store: Store) -> list[Release]:
    with store.reading() as session:
        return list(session.scalars(select(Release).order_by(Release.series_id, Release.seq)))


def the_post(store: Store, slug: str) -> Post:
    with store.reading() as session:
        return session.scalars(select(Post).where(Post.slug == slug)).one()


def the_series(store: Store, slug: str = "primer") -> Series:
    with store.reading() as session:
        return session.scalars(select(Series).where(Series.slug == slug)).one()


def feed_work_wanted(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return dict(session.execute(select(FeedWork.topic, FeedWork.wanted)).all())  # type: ignore[arg-type]


def feed_work_raised(store: Store, before: dict[str, int]) -> dict[str, int]:
    """By how much each topic is wanted more than before; only those that are."""
    raised = {topic: wanted - before.get(topic, 0) for topic, wanted in feed_work_wanted(store).items()}
    return {topic: more for topic, more in raised.items() if more}


def edition_keys(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Edition.key).order_by(Edition.id)))


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for name, table in Base.metadata.tables.items()
        }


def in_threads(count: int, work: Callable[[], T]) -> list[T]:
    """What each of several threads got, all set off at the same moment."""
    ready = threading.Barrier(count)

    def one(_number: int) -> T:
        ready.wait(timeout=120)
        return work()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
