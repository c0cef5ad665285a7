"""From released posts to stored documents: what a topic's documents are, and writing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import feed_work, installation, posts
from db.posts import Public
from db.tables import Revision, Series
from feeds.document import written
from feeds.entry import Entry
from feeds.form import Form
from feeds.head import Head
from feeds.storage import Storage
from text.addresses import Addresses
from text.markdown import Links, feed_html

log = structlog.get_logger()

ALL_PATH = "feeds/all.atom"


@dataclass(frozen=True)
class Publisher:
    """Builds the documents of a site and writes those that changed."""

    storage: Storage
    addresses: Addresses
    title: str
    author_name: str
    author_email: str | None
    language: str

    def documents(self, session: Session, topic: str) -> dict[str, bytes]:
        """The documents of a topic by their path in the storage; none for a series that is gone."""
        if topic == feed_work.ALL:
            return {ALL_PATH: self._all(session)}
        series = session.get(Series, int(topic.removeprefix("series:")))
        return {f"{series.slug}/feed.atom": self._of_series(session, series)} if series else {}

    def write(self, documents: Mapping[str, bytes]) -> int:
        """Write what differs from what is stored; gives how many documents did. Raises StorageRefused."""
        changed = [path for path, body in documents.items() if self.storage.write(path, body)]
        for path in changed:
            log.info("feed written", path=path, bytes=len(documents[path]))
        return len(changed)

    def _all(self, session: Session) -> bytes:
        house = installation.the(session)
        head = Head(
            id=f"tag:{house.minted_domain},{house.created_at:%Y-%m-%d}:all:{house.name}",
            title=self.title,
            subtitle=None,
            urls={Form.ATOM: self.addresses.all_feed()},
            alternate=self.addresses.site(),
            language=self.language,
            author_name=self.author_name,
            author_email=self.author_email,
            empty_updated=house.created_at,
        )
        return written(Form.ATOM, head, self._entries(session, posts.released(session), mixed=True))

    def _of_series(self, session: Session, series: Series) -> bytes:
        head = Head(
            id=series.entry_id,
            title=series.title,
            subtitle=series.subtitle or None,
            urls={Form.ATOM: self.addresses.series_feed(series.slug)},
            alternate=self.addresses.series(series.slug),
            language=series.language,
            author_name=series.author or self.author_name,
            author_email=None if series.author else self.author_email,
            empty_updated=series.created_at,
        )
        return written(Form.ATOM, head, self._entries(session, posts.released(session, series.id), mixed=False))

    def _entries(self, session: Session, found: Sequence[Public], *, mixed: bool) -> list[Entry]:
        media = posts.media_of(session, [one.words.id for one in found])
        changed = _last_significant(session, [one.post.id for one in found])
        return [self._entry(one, media[one.words.id], changed[one.post.id], mixed=mixed) for one in found]

    def _entry(self, one: Public, media: Mapping[str, str], changed: datetime, *, mixed: bool) -> Entry:
        url = self.addresses.post(one.series.slug, one.post.slug)
        author = one.words.author or one.series.author
        links = Links(url, {path: self.addresses.media(digest, path) for path, digest in media.items()})
        return Entry(
            id=one.post.entry_id,
            title=one.words.title,
            url=url,
            author_name=author or self.author_name,
            author_email=None if author else self.author_email,
            published=one.release.released_at,
            updated=_shown_change(one, changed),
            summary=one.words.summary,
            content_html=feed_html(one.words.body, links),
            tags=tuple(one.words.tags),
            language=one.series.language,
            series_title=one.series.title if mixed else None,
        )


def _shown_change(one: Public, changed: datetime) -> datetime:
    """When the words last changed for readers; the import that brought a post of the past here is no change."""
    imported = one.release.silent and one.words.number == 1
    return one.release.released_at if imported else max(changed, one.release.released_at)


def _last_significant(session: Session, post_ids: Sequence[int]) -> dict[int, datetime]:
    """When each post's words last changed in a way that its readers should notice."""
    statement = (
        select(Revision.post_id, func.max(Revision.created_at))
        .where(Revision.post_id.in_(post_ids), Revision.significant)
        .group_by(Revision.post_id)
    )
    return dict(session.execute(statement).all())
