"""From released posts to stored documents: what the documents of a topic are, and writing those that changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from db import feed_work, installation, published, tags
from db import series as all_series
from db.engine import Store
from db.published import Gone, Item
from db.tables import Archive, Series
from feeds.archive import ARCHIVE, LEAST_LIVE, pages
from feeds.document import document
from feeds.encode import Encoder
from feeds.ended import Ended, ended_entry
from feeds.form import Form
from feeds.fragment import Piece, fragment, piece
from feeds.head import Deleted, Head
from feeds.opml import Outline, Owner, opml_document
from feeds.publication import NEWEST, Publication
from feeds.storage import Storage
from feeds.style import style
from timing.clocks import Clock

log = structlog.get_logger()

STYLE_PATH = "feeds/style.css"
OPML_PATH = "feeds.opml"
MOST_RESURFACED = 50
"""Edited posts of archives that a live feed repeats; with more of them the archives are written anew."""


class LeaseLost(Exception):
    """Somebody else writes these documents now."""


class Published(NamedTuple):
    """The paths that were looked at, whether their bytes changed or not; `more` when the topic is not through."""

    paths: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True)
class Publisher:
    """Writes the documents of a site. `calendar` is when things happen by the store's own time."""

    store: Store
    storage: Storage
    site: Publication
    calendar: Clock

    def publish(self, topic: str, mine: Callable[[], bool]) -> Published:
        """Write the documents of a topic, archives before the live feed.

        Before each rename `mine` is asked whether the lease still holds: LeaseLost when not. Raises StorageRefused.
        """
        kind, _, name = topic.partition(":")
        if kind == "series":
            return self._series(int(name), mine)
        if kind == "tag":
            return self._tag(name, mine)
        if kind == "gone":
            return self._gone(name, mine)
        return self._opml(mine) if topic == feed_work.OPML else self._all(mine)

    def _series(self, series_id: int, mine: Callable[[], bool]) -> Published:
        # Before anything is read: an edit that comes in between is newer than the archive.
        began = self.calendar()
        with self.store.reading() as session:
            series = session.get(Series, series_id)
            if series is None or series.retired_at is not None:
                return Published(())
            unarchived = published.unarchived(session, series, limit=LEAST_LIVE + ARCHIVE)
            again = published.resurfaced(session, series)
            archives, gone = published.archives(session, series), published.gone_of_series(session, series_id)
        if len(again) > MOST_RESURFACED:
            with self.store.writing() as session:
                all_series.new_generation(all_series.lock(session, series_id))
            return Published((), more=True)
        frozen = pages([item.seq for item in unarchived]).frozen
        if frozen:
            old = Archive(
                series_id=series_id,
                generation=series.generation,
                number=len(archives) + 1,
                first_seq=frozen[0][0],
                last_seq=frozen[0][-1],
                made_at=began,
            )
            return self._freeze(series, unarchived[: len(frozen[0])], old, mine)
        head = self.site.of_series(series, archives=len(archives))
        paths = {form: f"{series.slug}/feed.{form}" for form in Form}
        done = self._live(head, paths, [*again, *unarchived], gone, mine, ended=series)
        self._sweep(series)
        return done

    def _freeze(self, series: Series, items: Sequence[Item], archive: Archive, mine: Callable[[], bool]) -> Published:
        """One archive, written for good; the live feed follows with the next call."""
        path = f"{series.slug}/archive/{archive.generation}/{archive.number}.atom"
        pieces = Encoder(self.store, self.site).pieces(items, Form.ATOM, mixed=False)
        self._write(path, document(Form.ATOM, self.site.of_archive(series, archive.number), pieces), mine)
        with self.store.writing() as session:
            published.note_archive(session, archive)
        return Published((path,), more=True)

    def _live(
        self,
        head: Head,
        paths: dict[Form, str],
        items: Sequence[Item],
        gone: Sequence[Gone],
        mine: Callable[[], bool],
        *,
        ended: Series | None = None,
    ) -> Published:
        """A live feed in its three forms; of one series (`ended`, when it has), or of all that mix them."""
        deleted = [Deleted(one.withdrawn_at, one.entry_id) for one in gone]
        for form, path in paths.items():
            pieces = Encoder(self.store, self.site).pieces(items, form, mixed=ended is None)
            if ended is not None and ended.ended_at is not None:
                pieces.append(self._last(ended, form))
            self._write(path, document(form, head, pieces, deleted), mine)
        return Published(tuple(paths.values()))

    def _last(self, series: Series, form: Form) -> Piece:
        name, email = self.site.author_of(series.author)
        assert series.ended_at is not None
        said = ended_entry(
            Ended(
                id=series.entry_id,
                title=series.title,
                url=self.site.addresses.series(series.slug),
                author_name=name,
                author_email=email,
                ended_at=series.ended_at,
                chapters=series.last_seq,
            ),
            full_text=self.site.full_text,
        )
        return piece(said, fragment(form, said.entry()))

    def _sweep(self, series: Series) -> None:
        """Documents of former generations: they are gone, and their addresses say so."""
        if series.generation == 1:
            return
        folder = f"{series.slug}/archive"
        for path in list(self.storage.paths(folder)):
            generation = path.removeprefix(f"{folder}/").partition("/")[0]
            if generation.isdecimal() and int(generation) < series.generation:
                self.storage.delete(path)

    def _tag(self, tag: str, mine: Callable[[], bool]) -> Published:
        with self.store.reading() as session:
            name, house = tags.name_of(session, tag), installation.the(session)
            items, gone = published.newest_of_tag(session, tag, NEWEST), published.gone_with_tag(session, tag)
        paths = {form: f"tag/{tag}/feed.{form}" for form in Form}
        if name is None:
            return self._deleted(paths.values(), mine)
        return self._live(self.site.of_tag(house, tag, name), paths, items, gone, mine)

    def _all(self, mine: Callable[[], bool]) -> Published:
        with self.store.reading() as session:
            house = installation.the(session)
            items, gone = published.newest(session, NEWEST), published.gone(session)
        self._write(STYLE_PATH, style(), mine)
        return self._live(self.site.of_all(house), {form: f"feeds/all.{form}" for form in Form}, items, gone, mine)

    def _opml(self, mine: Callable[[], bool]) -> Published:
        with self.store.reading() as session:
            kept = [series for series in all_series.all_series(session) if series.retired_at is None]
            modified = published.listed_since(session)
        outlines = [
            Outline(
                title=series.title,
                feed_url=self.site.addresses.series_feed(series.slug),
                page_url=self.site.addresses.series(series.slug),
                language=series.language,
                description=series.summary or None,
            )
            for series in kept
        ]
        owner = Owner(name=self.site.author_name, email=self.site.author_email, url=self.site.addresses.site())
        self._write(OPML_PATH, opml_document(self.site.title, owner, outlines, modified=modified), mine)
        return Published((OPML_PATH,))

    def _gone(self, slug: str, mine: Callable[[], bool]) -> Published:
        """What a series left behind under a slug that it has no more."""
        with self.store.reading() as session:
            series = all_series.find(session, slug)
        if series is not None and series.retired_at is None:
            return Published(())
        return self._deleted(list(self.storage.paths(slug)), mine)

    def _deleted(self, paths: Iterable[str], mine: Callable[[], bool]) -> Published:
        for path in paths:
            _check(mine)
            if self.storage.delete(path):
                log.info("feed deleted", path=path)
        return Published(())

    def _write(self, path: str, body: bytes, mine: Callable[[], bool]) -> None:
        _check(mine)
        if self.storage.write(path, body):
            log.info("feed written", path=path, bytes=len(body))


def _check(mine: Callable[[], bool]) -> None:
    if not mine():
        raise LeaseLost
