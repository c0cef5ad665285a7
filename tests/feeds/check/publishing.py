"""A site that is really published: series, an archive, tags, recordings, edits, what was withdrawn or is planned."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from db import series as all_series
from db.engine import Store, open_store
from feeds.check import Finding, check, read_model
from feeds.check.model import Model
from feeds.publication import Publication
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from importers.values import MediaSource
from scheduler import correct
from scheduler.intake import NewSeries, take_in
from scheduler.release import release_due
from scheduler.work import FeedWriter
from tests.making import NOON, RULES, a_house, a_planned_post, a_publication, a_series, a_source, taken_in

CHAPTERS = 160
"""One archive of a hundred, and a live feed of sixty."""
EDITED = NOON + timedelta(days=2)
NOW = NOON + timedelta(days=30)
HARD = "Some *words*, a [link](../2/), $e^x$.\n\n```python\nprint(1 < 2)\n```\n\nQ & A ]]> 🙂 <b>raw</b>"
FILES = (
    MediaSource(path="rain.mp3", body=b"sound" * 99, content_type="audio/mpeg"),
    MediaSource(path="rain.epub", body=b"book" * 99, content_type="application/epub+zip"),
)


@dataclass(frozen=True)
class Site:
    """What is published, and the store it is made of. `now` is the calendar's."""

    store: Store
    folder: Path
    publication: Publication
    now: datetime = NOW

    @property
    def storage(self) -> DirectoryStorage:
        return DirectoryStorage(self.folder)

    def model(self) -> Model:
        with self.store.reading() as session:
            return read_model(session, self.publication, now=self.now)

    def findings(self) -> list[Finding]:
        return check(self.model(), self.storage)

    def publish(self) -> None:
        """Write all that is behind."""
        publisher = Publisher(self.store, self.storage, self.publication, lambda: self.now)
        writer = FeedWriter(self.store, publisher, "test", lambda: self.now)
        while writer.do_one():
            pass

    def edit(self, change: Callable[[Session], object]) -> "Site":
        """Change the store."""
        with self.store.writing() as session:
            change(session)
        return self

    def copied(self, folder: Path) -> "Site":
        """One to spoil; of a store in SQLite."""
        shutil.copytree(self.folder, folder / "public")
        source, target = (sqlite3.connect(path) for path in (self.store.engine.url.database, folder / "fascicle.db"))
        source.backup(target)
        for connection in (source, target):
            connection.close()
        return replace(self, store=open_store(f"sqlite:///{folder / 'fascicle.db'}"), folder=folder / "public")


def a_site(store: Store, folder: Path, **publication: object) -> Site:
    """Published twice, with edits between, so that nothing is behind."""
    a_house(store)
    made = a_publication(**{"hub": "https://hub.example/", "rights": "CC BY", **publication})
    with store.writing() as session:
        _begin(session)
    release_due(store, now=NOON + timedelta(hours=2), rules=RULES)
    replace(Site(store, folder, made), now=NOON + timedelta(days=1)).publish()
    with store.writing() as session:
        _go_on(session)
    site = Site(store, folder, made)
    site.publish()
    return site


def a_chapter(number: int, **values: object):
    """One of a long series that came out in the past, day by day."""
    fields = {"number": str(number), "slug": f"c{number}", "body": HARD, "tags": ("Math",) if number > 155 else ()}
    wall = NOON.replace(tzinfo=None) - timedelta(days=CHAPTERS + 1 - number)
    return a_source(f"Chapter {number} & <more>", wall=wall, **{**fields, **values})


def _begin(session: Session) -> None:
    primer = a_series(session, "primer", title="The Primer & more", subtitle="In parts", author="B. Writer")
    taken_in(session, primer, [a_chapter(number) for number in range(1, CHAPTERS + 1)])
    rain, snow = a_series(session, "rain", summary="Of rain."), a_series(session, "snow", title="Snow")
    due = NOON + timedelta(hours=1)
    listen = "[Listen](rain.mp3) or [read](rain.epub)."
    a_planned_post(session, rain, due, slug="one", title="One", tags=("Math", "Wet & cold"), body=listen, media=FILES)
    a_planned_post(session, rain, due, slug="two", title="Two")
    a_planned_post(session, rain, due, slug="three", title="Three", author="C. Writer", summary="")
    a_planned_post(session, rain, NOW + timedelta(days=9), slug="four", title="Four", tags=("Math",))
    a_planned_post(session, snow, due, slug="one", title="One")


def _go_on(session: Session) -> None:
    """New words, some of them no news; a withdrawal; an end."""
    primer, rain = all_series.by_slug(session, "primer"), all_series.by_slug(session, "rain")
    news = [a_chapter(5, body="New words."), a_chapter(158, body="New words.")]
    taken_in(session, primer, news, now=EDITED)
    trifles = [a_chapter(7, body="A comma, here."), a_chapter(159, body="A comma, here.")]
    take_in(session, trifles, slug="primer", defaults=NewSeries("UTC", "en"), now=EDITED, minor=True)
    correct.withdraw(session, rain, "two", actor="alice", now=EDITED)
    correct.end(session, all_series.by_slug(session, "snow"), actor="alice", now=EDITED)
