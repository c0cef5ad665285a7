"""A desk that publishes: posts that are out, corrections of them, and the documents as a reader finds them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import insert, select, update

from db import feed_work
from db import series as all_series
from db.engine import Store
from db.states import PostState
from db.tables import Archive, FeedWork, Post, Release, Revision, Series
from feeds.form import Form
from feeds.publication import Publication
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from importers.values import PostSource
from scheduler.intake import NewSeries, take_in
from scheduler.work import FeedWriter
from tests.feeds.reading import ATOM, TOMBSTONE, Seen, seen
from tests.making import NOON, a_house, a_publication, a_series, a_source, at, the_series

FIRST = at("2020-01-01 07:00")
"""When the first chapter came out; each of the others an hour after the one before."""
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """Publishes a store into a folder. `now` is its clock; every change sets it forward, as time goes on."""

    store: Store
    folder: Path
    site: Publication = field(default_factory=a_publication)
    now: datetime = NOON

    @property
    def storage(self) -> DirectoryStorage:
        return DirectoryStorage(self.folder)

    @property
    def publisher(self) -> Publisher:
        """A new one each time, which remembers nothing, as after a restart."""
        return Publisher(self.store, self.storage, self.site, lambda: self.now)

    def write(self) -> None:
        """Write all that is behind, as a worker does."""
        self.now += HOUR
        writer = FeedWriter(self.store, self.publisher, "node", lambda: self.now)
        while writer.do_one():
            pass

    def publish(self, topic: str) -> None:
        """Write the documents of one topic, whether it is behind or not."""
        while self.publisher.publish(topic, lambda: True).more:
            pass

    def everything(self) -> list[str]:
        """All topics that there are."""
        with self.store.reading() as session:
            return list(session.scalars(select(FeedWork.topic).order_by(FeedWork.topic)))

    def out(self, count: int, *, slug: str = "primer", **words: Any) -> None:
        """So many more chapters come out, one an hour: chapter-1, chapter-2, … with ids urn:x:1, urn:x:2, …"""
        with self.store.writing() as session:
            series = all_series.by_slug(session, slug)
            seqs = range(series.last_seq + 1, series.last_seq + count + 1)
            series.last_seq += count
            topics = [feed_work.topic_of(series.id), feed_work.ALL]
            session.execute(insert(Post), [_post(series, seq) for seq in seqs])
            keys = dict(session.execute(select(Post.seq, Post.id).where(Post.series_id == series.id)).all())
            session.execute(insert(Revision), [_revision(keys[seq], seq, words) for seq in seqs])
            session.execute(insert(Release), [_release(series, keys[seq], seq) for seq in seqs])
            first = select(Revision.id).where(Revision.post_id == Post.id).scalar_subquery()
            session.execute(update(Post).where(Post.revision_id.is_(None)).values(revision_id=first))
            feed_work.want(session, topics)

    def edit(self, *numbers: int, minor: bool = False, **words: Any) -> None:
        """Give chapters other words."""
        fields = {"title": "Mended", "body": "Other words.", **words}
        self.take(*[a_source(slug=f"chapter-{number}", **fields) for number in numbers], minor=minor)

    def take(self, *sources: PostSource, slug: str = "primer", minor: bool = False) -> None:
        self.now += HOUR
        with self.store.writing() as session:
            take_in(session, sources, slug=slug, defaults=NewSeries("UTC", "en"), now=self.now, minor=minor)

    def correct(self, what: Callable[..., None], *words: str, slug: str = "primer") -> None:
        """Do one of scheduler.correct, then write what it changes."""
        self.now += HOUR
        with self.store.writing() as session:
            what(session, all_series.by_slug(session, slug), *words, actor="alice", now=self.now)
        self.write()

    def read(self, path: str) -> bytes:
        stored = self.storage.read(path)
        assert stored is not None, f"{path} is not there"
        return stored.body

    def paths(self, folder: str = "") -> list[str]:
        return list(self.storage.paths(folder))

    def seen(self, path: str) -> list[Seen]:
        return seen(Form(path.rpartition(".")[2]), self.read(path))

    def ids(self, path: str) -> list[str]:
        return [entry.id for entry in self.seen(path)]

    def chain(self, slug: str = "primer") -> list[str]:
        """The documents that a reader meets who follows the live feed into the past (RFC 5005, section 4)."""
        found, path = [], f"{slug}/feed.atom"
        while path:
            found.append(path)
            path = (linked(self.read(path), "prev-archive") or "").removeprefix(self.site.addresses.site())
        return found

    def walked(self, slug: str = "primer") -> list[str]:
        """Ids as that reader meets them."""
        return [entry_id for path in self.chain(slug) for entry_id in self.ids(path)]

    def archives(self) -> list[tuple[int, int, int, int]]:
        """Generation, number, first and last seq of all archives that were ever noted."""
        columns = (Archive.generation, Archive.number, Archive.first_seq, Archive.last_seq)
        with self.store.reading() as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(Archive.id))]

    def as_it_is(self) -> dict[str, tuple[bytes, int]]:
        """Every file of the folder: its bytes and when it was changed, in nanoseconds."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    def generation(self) -> int:
        return the_series(self.store).generation


def a_desk(store: Store, folder: Path, chapters: int = 0, **words: Any) -> Desk:
    """With one series, "primer", and so many chapters that are out; nothing is written yet."""
    a_house(store)
    with store.writing() as session:
        a_series(session)
    desk = Desk(store, folder / "public")
    if chapters:
        desk.out(chapters, **words)
    return desk


def urns(*numbers: int) -> list[str]:
    return [f"urn:x:{number}" for number in numbers]


def linked(document: bytes, rel: str) -> str | None:
    """Where the first link of a feed's head of that relation leads."""
    links = etree.fromstring(document).findall(f"{ATOM}link")
    return next((link.get("href") for link in links if link.get("rel") == rel), None)


def deleted(document: bytes) -> list[str]:
    """The ids that a feed says are gone (RFC 6721)."""
    return [one.get("ref") for one in etree.fromstring(document).iter(TOMBSTONE)]


def the_one(entries: Sequence[Seen], entry_id: str) -> Seen:
    (found,) = [entry for entry in entries if entry.id == entry_id]
    return found


def stripped(entries: Sequence[Seen]) -> list[Seen]:
    """The same without blanks around their content, which feedparser takes away."""
    return [replace(entry, content=entry.content and entry.content.strip()) for entry in entries]


def _post(series: Series, seq: int) -> dict[str, Any]:
    own = "" if series.slug == "primer" else f"{series.slug}:"
    return {
        "series_id": series.id,
        "entry_id": f"urn:x:{own}{seq}",
        "slug": f"chapter-{seq}",
        "position": seq,
        "state": PostState.released,
        "zone": "UTC",
        "seq": seq,
        "created_at": FIRST,
    }


def _revision(post_id: int, seq: int, words: dict[str, Any]) -> dict[str, Any]:
    return {
        "post_id": post_id,
        "number": 1,
        "title": f"Chapter {seq}",
        "summary": "What it is about.",
        "tags": [],
        "body": "Some *words*.",
        "digest": f"first words of {post_id}",
        "created_at": FIRST,
        **words,
    }


def _release(series: Series, post_id: int, seq: int) -> dict[str, Any]:
    moment = FIRST + seq * HOUR
    return {
        "post_id": post_id,
        "series_id": series.id,
        "seq": seq,
        "planned_at": moment,
        "released_at": moment,
        "lateness_ms": 0,
    }
