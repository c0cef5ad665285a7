"""From the store to what should be published."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import expected, feed_work, installation, published, tags
from db import series as all_series
from db.expected import Out
from db.published import Gone
from db.tables import Archive, Installation, Series
from feeds.check.entries import Entries
from feeds.check.model import Document, Model
from feeds.ended import ended_entry_of
from feeds.form import Form
from feeds.head import Deleted, Head
from feeds.ingredients import Ingredients, fragment_key
from feeds.opml import Outline
from feeds.publication import NEWEST, Publication
from text.addresses import tag_slug


def read_model(session: Session, site: Publication, *, now: datetime) -> Model:
    """All of it at one moment; texts are rendered only when they are asked for."""
    out = expected.released(session)
    words = expected.revisions(session, [one.post.id for one in out])
    files = expected.files(session, [one.id for states in words.values() for one in states])
    kept = [series for series in all_series.all_series(session) if series.retired_at is None]
    plan = _Plan(session, site, Entries(site, words, files), installation.the(session))
    documents = [*plan.of_all(out), *plan.of_tags(out)]
    for series in kept:
        documents += plan.of_series(series, [one for one in out if one.series.id == series.id])
    return Model(
        site=site.addresses.site(),
        documents={document.path: document for document in documents},
        outlines=tuple(_outline(site, series) for series in kept),
        secret=dict(_secret(session, site)),
        withdrawn=frozenset(expected.withdrawn(session)),
        former=expected.former_slugs(session),
        behind=dict(feed_work.behind(session)),
        now=now,
    )


_Kept = Mapping[int, tuple[str, bytes]]


@dataclass(frozen=True)
class _Plan:
    """Which posts belong into which documents."""

    session: Session
    site: Publication
    entries: Entries
    house: Installation

    def of_all(self, out: Sequence[Out]) -> Iterator[Document]:
        gone = published.gone(self.session)
        paths = {form: f"feeds/all.{form}" for form in Form}
        return self._mixed(feed_work.ALL, self.site.of_all(self.house), paths, out, gone)

    def of_tags(self, out: Sequence[Out]) -> Iterator[Document]:
        tagged: dict[str, list[Out]] = {}
        for one in out:
            for tag in self._tags(one):
                tagged.setdefault(tag, []).append(one)
        for tag, those in sorted(tagged.items()):
            name = tags.name_of(self.session, tag) or tag
            gone = published.gone_with_tag(self.session, tag)
            paths = {form: f"tag/{tag}/feed.{form}" for form in Form}
            head = self.site.of_tag(self.house, tag, name)
            yield from self._mixed(feed_work.tag(tag), head, paths, those, gone)

    def of_series(self, series: Series, out: Sequence[Out]) -> Iterator[Document]:
        archives = published.archives(self.session, series)
        archived = [one.post.id for one in out if any(_spans(archive, one) for archive in archives)]
        kept = expected.kept_entries(self.session, archived)
        for archive in archives:
            yield self._archive(series, archive, [one for one in out if _spans(archive, one)], kept)
        entries = [self.entries.now(one) for one in out if self._is_live(one, archives)]
        head = self.site.of_series(series, archives=len(archives))
        if series.ended_at is not None:
            entries.append(ended_entry_of(self.site, series, chapters=len(out)))
        gone = published.gone_of_series(self.session, series.id)
        paths = {form: f"{series.slug}/feed.{form}" for form in Form}
        yield from _in_each_form(feed_work.topic_of(series.id), head, paths, entries, gone)

    def _archive(self, series: Series, archive: Archive, out: Sequence[Out], kept: _Kept) -> Document:
        states = {one.post.entry_id: self.entries.since(one, archive.made_at) for one in out}
        fragments = {one.post.entry_id: kept[one.post.id] for one in out if one.post.id in kept}
        return Document(
            path=f"{series.slug}/archive/{archive.generation}/{archive.number}.atom",
            topic=feed_work.topic_of(series.id),
            form=Form.ATOM,
            head=self.site.of_archive(series, archive.number),
            entries=newest_first(found[0] for found in states.values()),
            frozen=True,
            later={id: found[1:] for id, found in states.items()},
            kept={id: body for id, (key, body) in fragments.items() if key not in map(_key, states[id])},
        )

    def _is_live(self, one: Out, archives: Sequence[Archive]) -> bool:
        """In no archive, or changed since the archive that has it was made."""
        holding = next((archive for archive in archives if _spans(archive, one)), None)
        return holding is None or self.entries.changed_after(one, holding.made_at)

    def _mixed(
        self, topic: str, head: Head, paths: dict[Form, str], out: Sequence[Out], gone: Sequence[Gone]
    ) -> Iterator[Document]:
        newest = sorted(out, key=lambda one: (one.released_at, one.release_id), reverse=True)[:NEWEST]
        entries = [replace(self.entries.now(one), series_title=one.series.title) for one in newest]
        return _in_each_form(topic, head, paths, entries, gone)

    def _tags(self, one: Out) -> set[str]:
        current = next(words for words in self.entries.words[one.post.id] if words.id == one.post.revision_id)
        return {tag_slug(tag) for tag in current.tags}


def _spans(archive: Archive, one: Out) -> bool:
    return one.post.seq is not None and archive.first_seq <= one.post.seq <= archive.last_seq


def _key(state: Ingredients) -> str:
    return fragment_key(Form.ATOM, state)


def newest_first(entries: Iterable[Ingredients]) -> tuple[Ingredients, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.published, entry.rank, entry.id), reverse=True))


def _in_each_form(
    topic: str, head: Head, paths: dict[Form, str], entries: Iterable[Ingredients], gone: Sequence[Gone]
) -> Iterator[Document]:
    ordered, deleted = newest_first(entries), tuple(Deleted(one.withdrawn_at, one.entry_id) for one in gone)
    for form, path in paths.items():
        yield Document(path=path, topic=topic, form=form, head=head, entries=ordered, deleted=deleted)


def _outline(site: Publication, series: Series) -> Outline:
    return Outline(
        title=series.title,
        feed_url=site.addresses.series_feed(series.slug),
        page_url=site.addresses.series(series.slug),
        language=series.language,
        description=series.summary or None,
    )


def _secret(session: Session, site: Publication) -> Iterator[tuple[str, str]]:
    for entry_id, slug, series in expected.secret(session):
        words = f"{slug} of {series}"
        yield entry_id, words
        yield site.addresses.post(series, slug), words
