"""From released posts to stored documents: what the documents of a topic are, and writing those that changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
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
from feeds.ended import ended_entry_of
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


class _Read(NamedTuple):
    """A series with all that its documents are made of, as it was at one moment; `out` is counted at its end."""

    series: Series
    unarchived: list[Item]
    again: list[Item]
    archives: int
    gone: list[Gone]
    out: int


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
        read = self._read(series_id)
        if read is None:
            return Published(())
        if read.series.retired_at is not None:
            # Whoever wrote when it was retired may have been later than who deleted.
            return self._gone(read.series.slug, mine)
        if len(read.again) > MOST_RESURFACED:
            with self.store.writing() as session:
                all_series.new_generation(all_series.lock(session, series_id))
            return Published((), more=True)
        frozen = pages([item.seq for item in read.unarchived]).frozen
        done = self._freeze(read, len(frozen[0]), began, mine) if frozen else self._live_series(read, mine)
        self._follow(read.series)
        return done

    def _read(self, series_id: int) -> _Read | None:
        with self.store.reading() as session:
            series = session.get(Series, series_id)
            if series is None:
                return None
            return _Read(
                series=series,
                unarchived=published.unarchived(session, series, limit=LEAST_LIVE + ARCHIVE),
                again=published.resurfaced(session, series),
                archives=len(published.archives(session, series)),
                gone=published.gone_of_series(session, series_id),
                out=published.count_out(session, series_id) if series.ended_at else 0,
            )

    def _freeze(self, read: _Read, count: int, began: datetime, mine: Callable[[], bool]) -> Published:
        """One archive, written for good; the live feed follows with the next call."""
        series, items, number = read.series, read.unarchived[:count], read.archives + 1
        path = f"{series.slug}/archive/{series.generation}/{number}.atom"
        pieces = Encoder(self.store, self.site).pieces(items, Form.ATOM, mixed=False)
        self._write(path, document(Form.ATOM, self.site.of_archive(series, number), pieces), mine)
        archive = Archive(
            series_id=series.id,
            generation=series.generation,
            number=number,
            first_seq=items[0].seq,
            last_seq=items[-1].seq,
            made_at=began,
        )
        with self.store.writing() as session:
            if not published.note_archive(session, archive, items):
                feed_work.want(session, [feed_work.topic_of(series.id)])
        return Published((path,), more=True)

    def _live_series(self, read: _Read, mine: Callable[[], bool]) -> Published:
        series = read.series
        head = self.site.of_series(series, archives=read.archives)
        paths = {form: f"{series.slug}/feed.{form}" for form in Form}
        last = partial(self._last, series, read.out) if series.ended_at else None
        done = self._live(head, paths, [*read.again, *read.unarchived], read.gone, mine, mixed=False, last=last)
        if series.generation > 1 or not read.archives:
            self._sweep(read, mine)
        return done

    def _sweep(self, read: _Read, mine: Callable[[], bool]) -> None:
        """Archives of former generations, or of a series that had this slug before: their addresses say so."""
        folder = f"{read.series.slug}/archive"
        own = {f"{folder}/{read.series.generation}/{number}.atom" for number in range(1, read.archives + 1)}
        self._deleted([path for path in self.storage.paths(folder) if path not in own], mine)

    def _follow(self, series: Series) -> None:
        """Have what was written under a slug deleted again when the series was renamed meanwhile."""
        with self.store.reading() as session:
            now = session.get(Series, series.id)
        if now is not None and now.slug != series.slug:
            with self.store.writing() as session:
                feed_work.want(session, [feed_work.gone(series.slug)])

    def _live(
        self,
        head: Head,
        paths: dict[Form, str],
        items: Sequence[Item],
        gone: Sequence[Gone],
        mine: Callable[[], bool],
        *,
        mixed: bool = True,
        last: Callable[[Form], Piece] | None = None,
    ) -> Published:
        """A live feed in its three forms: of one series, or `mixed`; `last` is what an ended series says at its end."""
        deleted = [Deleted(one.withdrawn_at, one.entry_id) for one in gone]
        for form, path in paths.items():
            pieces = Encoder(self.store, self.site).pieces(items, form, mixed=mixed)
            self._write(path, document(form, head, [*pieces, last(form)] if last else pieces, deleted), mine)
        return Published(tuple(paths.values()))

    def _last(self, series: Series, chapters: int, form: Form) -> Piece:
        said = ended_entry_of(self.site, series, chapters=chapters)
        return piece(said, fragment(form, said.entry()))

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
        if series is None or series.retired_at is not None:
            return self._deleted(list(self.storage.paths(slug)), mine)
        # Another series has it by now: it writes over what was left behind, or deletes it.
        with self.store.writing() as session:
            feed_work.want(session, [feed_work.topic_of(series.id)])
        return Published(())

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
