"""A site to test pages on: a real store, factories with defaults, and a reader who asks for addresses."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from db import series as all_series
from db.engine import Store, open_store
from db.states import Frequency, PostState, SubscriberState
from db.tables import (
    Base,
    Media,
    Post,
    Release,
    Revision,
    RevisionMedia,
    Series,
    Subscriber,
    Subscription,
)
from db.tags import put
from feeds.publication import Publication
from feeds.storage import DirectoryStorage
from mail.tokens import Tokens
from scheduler.letters import House
from templates.environment import environment
from tests.making import a_house_of_letters, the_environment
from tests.web.household import Lookup, a_household, nothing_there
from text.addresses import Addresses, tag_slug
from timing.wall import to_instant, to_wall
from web.app import WebSite, build_app
from web.asked import FeedCounter
from web.auth.passwords import Passwords

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
TOKENS = Tokens(b"a secret of the tests")
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""As real ones, but quick."""
_numbers = count(1)


@dataclass
class Shop:
    """What a test arranges: the store, the folder of feeds, and what the site is told."""

    folder: Path
    store: Store
    url: str = "https://example.org"
    outbox: Path | None = None
    health: Mapping[str, object] = field(default_factory=lambda: {"ok": True})
    calendar: Callable[[], datetime] = lambda: NOW
    machine: datetime = NOW
    client: str = "198.51.100.7"
    cache_seconds: int = 60
    hub: str | None = None
    tokens: Tokens = TOKENS
    templates: Path | None = None
    lookup: Lookup = nothing_there
    settings: Mapping[str, object] = field(default_factory=dict)
    asked: FeedCounter = field(default_factory=FeedCounter)
    _apps: dict[object, FastAPI] = field(default_factory=dict)

    @property
    def publication(self) -> Publication:
        return Publication(
            addresses=Addresses(self.url),
            title="My serials",
            author_name="A. Writer",
            author_email=None,
            language="en",
            hub=self.hub,
        )

    @property
    def house(self) -> House:
        return a_house_of_letters(self.url, tokens=self.tokens, zone="Europe/Riga")

    @property
    def feeds(self) -> DirectoryStorage:
        return DirectoryStorage(self.folder / "public")

    def app(self) -> FastAPI:
        """Built anew only for a shop that was told something else since."""
        told = (self.url, self.outbox, self.calendar, self.cache_seconds, self.hub, self.templates, id(self.tokens),
                id(self.lookup), repr(self.settings))  # fmt: skip
        if told not in self._apps:
            self._apps[told] = self._built()
        return self._apps[told]

    def _built(self) -> FastAPI:
        env = the_environment() if self.templates is None else environment(overrides=self.templates)
        site = WebSite(
            store=self.store,
            addresses=Addresses(self.url),
            title="My serials",
            author_name="A. Writer",
            language="en",
            zone="Europe/Riga",
            tokens=self.tokens,
            publication=self.publication,
            storage=self.feeds,
            env=env,
            calendar=self.calendar,
            outbox=self.outbox,
            health=lambda: self.health,
            house=self.house,
            household=a_household(
                self.folder, self.store, env, lambda: self.machine, lookup=self.lookup, settings=self.settings
            ),
            machine=lambda: self.machine,
            cache_seconds=self.cache_seconds,
            hub=self.hub,
            passwords=PASSWORDS,
            asked=self.asked,
        )
        return build_app(site)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, *, content: bytes = b"", **headers: str) -> httpx.Response:
        """One request; `if_none_match="…"` becomes a header of that name. Redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(method, path, named, body=content, client=self.client)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        body: bytes | None = None,
        client: str = "127.0.0.1",
    ) -> httpx.Response:
        return asyncio.run(self._asked(method, path, headers, body, client))

    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, client: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app(), raise_app_exceptions=False, client=(client, 123))
        async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as asker:
            return await asker.request(method, path, headers=dict(headers), content=body)


def a_shop(folder: Path) -> Shop:
    (folder / "fascicle.db").write_bytes(_bare_store())
    return Shop(folder, open_store(f"sqlite:///{folder / 'fascicle.db'}"))


@cache
def _bare_store() -> bytes:
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/fascicle.db")
        Base.metadata.create_all(store.engine)
        store.close()
        return Path(folder, "fascicle.db").read_bytes()


def a_series(shop: Shop, slug: str = "primer", *, title: str = "The Primer", **more: object) -> int:
    values: dict[str, object] = {
        "slug": slug,
        "entry_id": f"urn:test:series:{next(_numbers)}",
        "title": title,
        "language": "en",
        "zone": "Europe/Riga",
        "created_at": NOW,
    }
    with shop.store.writing() as session:
        row = Series(**values | more)
        session.add(row)
        session.flush()
        return row.id


def the_series_id(shop: Shop, slug: str = "primer") -> int:
    with shop.store.reading() as session:
        return all_series.by_slug(session, slug).id


def a_post(
    shop: Shop,
    series_id: int,
    slug: str = "rain",
    *,
    title: str = "Rain",
    summary: str = "",
    body: str = "It rained.",
    number: str | None = None,
    position: int | None = None,
    state: PostState = PostState.released,
    due: datetime = datetime(2026, 3, 5, 7),  # a wall time in Riga
    was_released: bool | None = None,
    images: Mapping[str, bytes] | None = None,
    tags: Sequence[str] = (),
) -> int:
    """A post due at a wall time in Riga; with a release row when it is released, or withdrawn after a release."""
    serial = next(_numbers)
    due_at = to_instant(due, "Europe/Riga")
    public = state in (PostState.released, PostState.withdrawn) if was_released is None else was_released
    with shop.store.writing() as session:
        post = Post(
            series_id=series_id,
            entry_id=f"urn:test:post:{serial}",
            slug=slug,
            number=number,
            position=serial if position is None else position,
            state=state,
            wall=to_wall(due_at, "Europe/Riga"),
            zone="Europe/Riga",
            due_at=due_at,
            seq=serial if public else None,
            created_at=NOW - timedelta(days=30),
        )
        session.add(post)
        session.flush()
        words = Revision(
            post_id=post.id,
            number=1,
            title=title,
            summary=summary,
            tags=list(tags),
            body=body,
            digest=f"words-{serial}",
            created_at=NOW,
        )
        session.add(words)
        session.flush()
        post.revision_id = words.id
        if public:
            times = {"planned_at": due_at, "released_at": due_at, "lateness_ms": 0}
            session.add(Release(post_id=post.id, series_id=series_id, seq=serial, **times))
        put(session, post.id, {tag_slug(name): name for name in tags})
        for path, content in (images or {}).items():
            file = Media(digest=content.hex(), content_type=_kind(path), body=content)
            session.add(file)
            session.flush()
            session.add(RevisionMedia(revision_id=words.id, path=path, media_id=file.id))
        return post.id


def a_reader(shop: Shop, *series: int, state: SubscriberState = SubscriberState.active, hour: int = 7) -> int:
    address = f"reader{next(_numbers)}@example.org"
    with shop.store.writing() as session:
        row = Subscriber(
            address=address,
            address_key=address,
            fingerprint=address,
            zone="Europe/Riga",
            hour=hour,
            language="en",
            state=state,
            created_at=NOW,
        )
        session.add(row)
        session.flush()
        for series_id in series:
            what = {"series_id": series_id, "frequency": Frequency.daily, "watermark": 0}
            session.add(Subscription(subscriber_id=row.id, created_at=NOW, **what))
        return row.id


def a_letter(folder: Path, name: str, *, subject: str = "Rain", html: str = "<p>It rained.</p>") -> None:
    folder.mkdir(exist_ok=True)
    source = (
        f"From: post@example.org\nTo: reader@example.org\nSubject: {subject}\nDate: Thu, 05 Mar 2026 05:00:00 +0000\n"
        'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"\n\n'
        "--b\nContent-Type: text/plain; charset=utf-8\n\nIt rained in words.\n"
        f"--b\nContent-Type: text/html; charset=utf-8\n\n<html><head></head><body>{html}</body></html>\n--b--\n"
    )
    (folder / f"{name}.eml").write_text(source)


def _kind(path: str) -> str:
    return "image/svg+xml" if path.endswith(".svg") else "image/png"
