"""Taking in imported posts: all of them or none, and a second time only what changed."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import feed_work, installation, posts, tags
from db import series as all_series
from db.errors import BadValue
from db.tables import Media, Post, Revision, RevisionMedia, Series
from db.upsert import insert_missing
from importers.values import ImportRefused, PostSource, Problem
from scheduler.placing import hear, place
from text.addresses import RESERVED_SERIES_SLUGS, check_slug, tag_slug


class Change(StrEnum):
    """What an import does to a post; one that is `moved` is not among its sources, but had to make room for them."""

    new = "new"
    changed = "changed"
    same = "same"
    moved = "moved"


class _Written(NamedTuple):
    """What became of one source, and what of its post's plan (number, date, draft) it says anew."""

    kind: Change
    said: frozenset[str]


@dataclass(frozen=True)
class Taken:
    """What became of one source: its post, what changed, when it is due in its series' zone."""

    series: str
    slug: str
    number: str | None
    title: str
    change: Change
    state: str
    wall: datetime | None
    zone: str


@dataclass(frozen=True)
class NewSeries:
    """What a series that is not there yet is given."""

    zone: str
    language: str


def create_series(session: Session, *, slug: str, title: str, zone: str, language: str, now: datetime) -> Series:
    """A new series with a minted id. Raises BadValue for a slug that is taken, reserved or malformed."""
    trouble = check_slug(slug, RESERVED_SERIES_SLUGS)
    if trouble:
        raise BadValue(f"series {slug!r}: {trouble}")
    if all_series.find(session, slug):
        raise BadValue(f"series {slug!r} is there already; `fascicle series set {slug}` changes it")
    row = Series(slug=slug, entry_id=_minted(session, now), title=title, zone=zone, language=language, created_at=now)
    session.add(row)
    session.flush()
    feed_work.want(session, [feed_work.topic_of(row.id), feed_work.ALL, feed_work.OPML])
    return row


def _minted(session: Session, now: datetime) -> str:
    """A tag: IRI of our own (RFC 4151), never made twice and never changed."""
    return f"tag:{installation.the(session).minted_domain},{now:%Y-%m-%d}:{uuid.uuid4().hex}"


def take_in(
    session: Session,
    sources: Sequence[PostSource],
    *,
    slug: str | None,
    defaults: NewSeries,
    now: datetime,
    minor: bool = False,
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
        taken += _take_in_series(session, series, group, now=now, minor=minor)
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


def _take_in_series(
    session: Session, series: Series, group: Sequence[PostSource], *, now: datetime, minor: bool
) -> list[Taken]:
    series = all_series.lock(session, series.id)
    if series.retired_at is not None:
        raise BadValue(f"series {series.slug!r} is retired; `fascicle series reopen {series.slug}` comes first")
    before = {written.post.slug: written for written in posts.of_series(session, series.id)}
    _refuse_taken_ids(session, series, group)
    changes = {
        source.slug: _write(session, series, source, before.get(source.slug), now=now, minor=minor) for source in group
    }
    moved = place(session, series, said={slug: change.said for slug, change in changes.items()}, now=now)
    if any(change.kind is not Change.same for change in changes.values()):
        feed_work.want(session, [feed_work.topic_of(series.id), feed_work.ALL])
    after = {written.post.slug: written for written in posts.of_series(session, series.id)}
    taken = [_told(series, after[source.slug], changes[source.slug].kind) for source in group]
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
    session: Session, series: Series, source: PostSource, before: posts.Written | None, *, now: datetime, minor: bool
) -> _Written:
    if before is None:
        post = Post(
            series_id=series.id,
            slug=source.slug,
            entry_id=source.id or _minted(session, now),
            created_at=now,
            zone=series.zone,
        )
        session.add(post)
        session.flush()
        said = hear(series, post, source)
        _revise(session, post, source, number=1, now=now)
        return _Written(Change.new, said)
    said = hear(series, before.post, source)
    if before.words.digest == _digest(source):
        return _Written(Change.changed if said else Change.same, said)
    _revise(session, before.post, source, number=before.words.number + 1, now=now, minor=minor)
    return _Written(Change.changed, said)


def _digest(source: PostSource) -> str:
    media = sorted((file.path, hashlib.sha256(file.body).hexdigest()) for file in source.media)
    words = [source.title, source.summary, source.author, list(source.tags), source.body, media]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def _revise(
    session: Session, post: Post, source: PostSource, *, number: int, now: datetime, minor: bool = False
) -> None:
    _want_tags(session, post)
    words = Revision(
        post_id=post.id,
        number=number,
        title=source.title,
        summary=source.summary,
        author=source.author,
        tags=list(source.tags),
        body=source.body,
        digest=_digest(source),
        significant=not minor,
        created_at=now,
    )
    session.add(words)
    session.flush()
    post.revision_id = words.id
    tags.put(session, post.id, {tag_slug(name): name for name in source.tags if name.strip()})
    _want_tags(session, post)
    for file in source.media:
        digest = hashlib.sha256(file.body).hexdigest()
        insert_missing(session, Media, {"digest": digest, "content_type": file.content_type, "body": file.body})
        media_id = session.scalars(select(Media.id).where(Media.digest == digest)).one()
        session.add(RevisionMedia(revision_id=words.id, path=file.path, media_id=media_id))
    session.flush()


def _want_tags(session: Session, post: Post) -> None:
    """The feeds of the tags that a post has now, when it came out: those of a withdrawn one speak of it, too."""
    if post.seq is not None:
        feed_work.want(session, [feed_work.tag(tag) for tag in tags.of_posts(session, [post.id])])


def _told(series: Series, written: posts.Written, change: Change) -> Taken:
    post = written.post
    return Taken(series.slug, post.slug, post.number, written.words.title, change, post.state, post.wall, series.zone)
