"""A site that real readers ask over HTTP, with a log of what they asked."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from db import series as all_series
from db.engine import Store
from feeds.form import Form
from feeds.ingredients import Ingredients
from mail.tokens import Tokens
from scheduler import correct
from scheduler.release import release_due
from templates.environment import environment
from tests.feeds.check.publishing import FILES, NOW, Site, a_chapter
from tests.making import NOON, RULES, a_house, a_house_of_letters, a_planned_post, a_publication, a_series, taken_in
from tests.web.household import a_household
from tests.web.serving import serving
from text.addresses import Addresses
from web.app import WebSite, build_app

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


@dataclass
class Asked:
    """One request: who sent it, with what the reader had already."""

    path: str
    agent: str
    etag: str | None
    since: str | None
    status: int


@dataclass
class Recorder:
    """Notes each request before it goes on to the application, which comes to be once the address is known."""

    app: Callable[..., Awaitable[None]] | None = None
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.app is None:
            raise RuntimeError("only HTTP, and only once there is a site")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}

        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                given = headers.get("if-none-match"), headers.get("if-modified-since")
                self.asked.append(Asked(scope["path"], headers.get("user-agent", ""), *given, message["status"]))
            await send(message)

        await self.app(scope, receive, noting)


@dataclass
class Serial:
    """The long series as readers find it on a server, and what happens to it."""

    site: Site
    url: str
    recorder: Recorder

    def feed(self, form: Form = Form.ATOM, slug: str = "primer") -> str:
        return f"{self.url}/{slug}/feed.{form}"

    def expected(self, form: Form = Form.ATOM, slug: str = "primer") -> tuple[Ingredients, ...]:
        return self.site.model().documents[f"{slug}/feed.{form}"].entries

    def titles(self) -> dict[str, str]:
        """The titles of all that is out, by id."""
        return {one.id: one.title for one in self.expected()}

    def answers(self) -> list[int]:
        """The statuses of all answers since this was asked last."""
        statuses = [one.status for one in self.recorder.asked]
        self.recorder.asked.clear()
        return statuses

    def go_on(self) -> None:
        """A chapter comes out, and one that is out gets other words."""
        later = replace(self.site, now=NOW + timedelta(days=1))
        with later.store.writing() as session:
            primer = all_series.by_slug(session, "primer")
            a_planned_post(session, primer, later.now, now=NOW, slug="new", title="New & last", body="*Over.*")
            taken_in(session, primer, [a_chapter(160, body="Other words.")], now=later.now)
        release_due(later.store, now=later.now, rules=RULES)
        later.publish()
        self.site = later

    def rename(self) -> None:
        with self.site.store.writing() as session:
            primer = all_series.by_slug(session, "primer")
            correct.rename_series(session, primer, "abc", actor="alice", now=self.site.now)
        self.site.publish()


def _published(store: Store, folder: Path, url: str) -> Site:
    a_house(store)
    with store.writing() as session:
        primer = a_series(session, "primer", title="The Primer & more", author="B. Writer")
        listened = a_chapter(158, body="[Listen](rain.mp3), [read](rain.epub).", media=FILES, author="C. Writer")
        taken_in(session, primer, [a_chapter(157), listened, a_chapter(159, summary=""), a_chapter(160)])
        a_planned_post(session, primer, NOW + timedelta(days=9), slug="later", title="Later")
    site = Site(store, folder, a_publication(addresses=Addresses(url)), now=NOON)
    site.publish()
    return site


@contextmanager
def served(store: Store, folder: Path) -> Iterator[Serial]:
    recorder = Recorder()
    with serving(recorder) as url:  # type: ignore[arg-type]
        site = _published(store, folder / "public", url)
        env = environment()
        recorder.app = build_app(
            WebSite(
                store=store,
                addresses=Addresses(url),
                title="My serials",
                author_name="A. Writer",
                language="en",
                zone="UTC",
                tokens=Tokens(b"a secret of at least thirty-two characters"),
                publication=site.publication,
                storage=site.storage,
                env=env,
                calendar=lambda: NOW,
                outbox=None,
                health=lambda: {"ok": True},
                house=a_house_of_letters(url),
                household=a_household(folder, store, env, lambda: NOW, settings={}),
            )
        )
        yield Serial(site, url, recorder)
