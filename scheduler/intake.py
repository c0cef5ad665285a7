"""Taking in imported posts: all of them or none, and a second time only what changed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from db import feed_work, media, posts
from db import series as all_series
from db.errors import BadValue
from db.said import say, worded
from db.tables import Series
from importers.slugs import trouble_with
from importers.values import ImportRefused, PostSource, Problem
from scheduler.placing import WORDS, hear, place
from scheduler.wording import Wording, minted, new_post, revise, want_feeds
from text.addresses import RESERVED_SERIES_SLUGS

IMPORT = "import"
"""Who did it, where a file speaks and nobody is signed in."""


class Change(StrEnum):
    """What an import does to a post; one that is `moved` is not among its sources, but had to make room for them."""

    new = "new"
    changed = "changed"
    same = "same"
    moved = "moved"


class _Written(NamedTuple):
    """What became of one source, what of its post's plan (number, date, draft) is new, and whose words it replaces."""

    kind: Change
    said: frozenset[str]
    over: str | None = None


@dataclass(frozen=True)
class Taken:
    """What became of one source: its post, what changed, when it is due in its series' zone.

    `over` is who wrote the words here that the source's take the place of; None where they came from a source, too.
    """

    series: str
    slug: str
    number: str | None
    title: str
    change: Change
    state: str
    wall: datetime | None
    zone: str
    over: str | None = None


class _About(NamedTuple):
    """By whom and when things are taken in, and whether what changes is too small to be news."""

    actor: str
    now: datetime
    minor: bool


@dataclass(frozen=True)
class NewSeries:
    """What a series that is not there yet is given."""

    zone: str
    language: str


def create_series(session: Session, *, slug: str, title: str, zone: str, language: str, now: datetime) -> Series:
    """A new series with a minted id. Raises BadValue for a slug that is taken, reserved or malformed."""
    trouble = trouble_with(slug, RESERVED_SERIES_SLUGS)
    if trouble:
        raise BadValue(say("series %(slug)r: %(trouble)s", slug=slug, trouble=trouble))
    if all_series.find(session, slug):
        words = say("series %(slug)r is there already", slug=slug)
        raise BadValue(worded(f"{words}; `fascicle series set {slug}` changes it", words))
    row = Series(slug=slug, entry_id=minted(session, now), title=title, zone=zone, language=language, created_at=now)
    session.add(row)
    session.flush()
    feed_work.want(session, [feed_work.topic_of(row.id), feed_work.ALL, feed_work.OPML])
    return row


def take_in(
    session: Session,
    sources: Sequence[PostSource],
    *,
    slug: str | None,
    defaults: NewSeries,
    now: datetime,
    minor: bool = False,
    actor: str = IMPORT,
) -> list[Taken]:
    """Write sources into their series (`slug`, or the one each names) and plan them.

    Words that were out already and changed are news to readers, unless the change is `minor`.
    In a live store, posts dated in the past are released silently: they are history. Raises ImportRefused when a source
    contradicts what is in the store; the caller rolls back.
    """
    _refuse_repeated_ids(sources)
    taken: list[Taken] = []
    groups = _by_series(sources, slug)
    there = all_series.lock_all(session, groups)
    for name, group in sorted(groups.items()):
        series = there.get(name)
        if series is None:
            series = _from_listing(session, name, group, defaults=defaults, now=now)
        taken += _take_in_series(session, series, group, about=_About(actor, now, minor))
    return taken


def _by_series(sources: Iterable[PostSource], slug: str | None) -> dict[str, list[PostSource]]:
    groups: dict[str, list[PostSource]] = {}
    for source in sources:
        groups.setdefault(source.series or slug or "", []).append(source)
    return groups


def _from_listing(
    session: Session, name: str, group: Sequence[PostSource], *, defaults: NewSeries, now: datetime
) -> Series:
    if group[0].series is None:
        return all_series.by_slug(session, name)
    title = name.replace("-", " ").capitalize()
    return create_series(session, slug=name, title=title, zone=defaults.zone, language=defaults.language, now=now)


def _take_in_series(session: Session, series: Series, group: Sequence[PostSource], *, about: _About) -> list[Taken]:
    series = all_series.lock(session, series.id)
    if series.retired_at is not None:
        words = say("series %(slug)r is retired, and takes in no more", slug=series.slug)
        english = f"series {series.slug!r} is retired; `fascicle series reopen {series.slug}` comes first"
        raise BadValue(worded(english, words))
    before = {written.post.slug: written for written in posts.of_series(session, series.id)}
    _refuse_taken_ids(session, series, group)
    changes = {source.slug: _write(session, series, source, before.get(source.slug), about=about) for source in group}
    said = {slug: change.said for slug, change in changes.items()}
    moved = place(session, series, said=said, actor=about.actor, now=about.now)
    if any(change.kind is not Change.same for change in changes.values()):
        want_feeds(session, series)
    after = {written.post.slug: written for written in posts.of_series(session, series.id)}
    taken = [
        _told(series, after[source.slug], changes[source.slug].kind, changes[source.slug].over) for source in group
    ]
    return taken + [_told(series, after[slug], Change.moved) for slug in after if slug in moved - changes.keys()]


def _refuse_repeated_ids(sources: Sequence[PostSource]) -> None:
    first: dict[str, PostSource] = {}
    problems = [
        Problem(source.place, f"`id` {source.id!r} is that of {first[source.id].place} too")
        for source in sources
        if source.id and first.setdefault(source.id, source) is not source
    ]
    if problems:
        raise ImportRefused(tuple(problems))


def _refuse_taken_ids(session: Session, series: Series, group: Sequence[PostSource]) -> None:
    """An id of the source must not belong to another post of the store."""
    named = {source.id: source for source in group if source.id}
    problems = [
        Problem(named[entry_id].place, f"`id` {entry_id!r} belongs to the post {slug!r} already")
        for entry_id, slug, series_id in posts.with_ids(session, list(named))
        if (slug, series_id) != (named[entry_id].slug, series.id)
    ]
    if problems:
        raise ImportRefused(tuple(problems))


def _write(
    session: Session, series: Series, source: PostSource, before: posts.Written | None, *, about: _About
) -> _Written:
    wording = _wording(session, source)
    if before is None:
        post = new_post(session, series, source.slug, entry_id=source.id, now=about.now)
        said = hear(series, post, source, words=wording.digest)
        revise(session, post, wording, actor=about.actor, now=about.now)
        return _Written(Change.new, said)
    heard = (before.post.said or {}).get(WORDS)
    said = hear(series, before.post, source, words=wording.digest)
    # Where a file says what it said the last time, an operator's edit since then stands.
    if wording.digest in (before.words.digest, heard):
        return _Written(Change.changed if said else Change.same, said)
    revise(session, before.post, wording, actor=about.actor, now=about.now, minor=about.minor)
    by_hand = heard not in (None, before.words.digest)
    return _Written(Change.changed, said, before.words.actor if by_hand else None)


def _wording(session: Session, source: PostSource) -> Wording:
    """What a source says, its files in the store."""
    files = {file.path: file.digest for file in source.kept}
    for file in source.media:
        files[file.path] = hashlib.sha256(file.body).hexdigest()
        media.keep(session, digest=files[file.path], content_type=file.content_type, body=file.body)
    return Wording(
        title=source.title,
        summary=source.summary,
        author=source.author,
        tags=tuple(source.tags),
        body=source.body,
        files=files,
    )


def _told(series: Series, written: posts.Written, change: Change, over: str | None = None) -> Taken:
    post, title = written.post, written.words.title
    return Taken(series.slug, post.slug, post.number, title, change, post.state, post.wall, series.zone, over)
