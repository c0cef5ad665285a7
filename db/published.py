"""What feeds are made of: released posts without their bodies, what was withdrawn, and the entries encoded before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from db import installation
from db.states import PostState
from db.tables import Archive, Fragment, Media, Post, PostTag, Release, Revision, RevisionMedia, Series
from db.upsert import upserting

TOMBSTONES = 20
"""Withdrawn posts that a feed speaks of, the last ones."""


class Item(NamedTuple):
    """A released post as feeds need it; `changed_at` is when its words last changed in a way that is news."""

    post_id: int
    entry_id: str
    slug: str
    seq: int
    series_id: int
    series_slug: str
    series_title: str
    series_author: str | None
    language: str
    revision_id: int
    revision: int
    title: str
    summary: str
    author: str | None
    tags: list[str]
    digest: str
    released_at: datetime
    silent: bool
    changed_at: datetime


class Gone(NamedTuple):
    """A withdrawn post."""

    entry_id: str
    withdrawn_at: datetime


def unarchived(session: Session, series: Series, limit: int) -> list[Item]:
    """The oldest posts of a series that are in no archive of its generation, in their order."""
    return _items(session, _released().where(Post.series_id == series.id, Post.seq > series.archived_seq).limit(limit))


def resurfaced(session: Session, series: Series) -> list[Item]:
    """Archived posts whose words changed since their archive was made, oldest first."""
    archived = and_(
        Archive.series_id == Post.series_id,
        Archive.generation == series.generation,
        Archive.first_seq <= Post.seq,
        Archive.last_seq >= Post.seq,
    )
    statement = _released().join(Archive, archived).where(Post.series_id == series.id, _changed_at() > Archive.made_at)
    return _items(session, statement)


def newest(session: Session, limit: int) -> list[Item]:
    """The last released posts of all series, newest first."""
    return _newest(session, _released(), limit)


def newest_of_tag(session: Session, tag: str, limit: int) -> list[Item]:
    """The last released posts with a tag, newest first."""
    return _newest(session, _released().join(PostTag, PostTag.post_id == Post.id).where(PostTag.tag == tag), limit)


def gone(session: Session, *within: ColumnElement[bool]) -> list[Gone]:
    """The posts withdrawn last, newest first; `within` bounds which, over Post."""
    out = (Post.state == PostState.withdrawn, Post.seq.is_not(None), Post.withdrawn_at.is_not(None))
    statement = select(Post.entry_id, Post.withdrawn_at).where(*out, *within)
    rows = session.execute(statement.order_by(Post.withdrawn_at.desc(), Post.id.desc()).limit(TOMBSTONES))
    return [Gone(entry_id, at) for entry_id, at in rows if at is not None]


def gone_with_tag(session: Session, tag: str) -> list[Gone]:
    return gone(session, Post.id.in_(select(PostTag.post_id).where(PostTag.tag == tag)))


def gone_of_series(session: Session, series_id: int) -> list[Gone]:
    return gone(session, Post.series_id == series_id)


def archives(session: Session, series: Series) -> Sequence[Archive]:
    """The archives of a series' generation, oldest first."""
    mine = (Archive.series_id == series.id, Archive.generation == series.generation)
    return session.scalars(select(Archive).where(*mine).order_by(Archive.number)).all()


def note_archive(session: Session, archive: Archive) -> None:
    """Note a written archive, unless the series has gone on to another generation, or somebody else noted it."""
    series = session.scalars(select(Series).where(Series.id == archive.series_id).with_for_update()).one()
    if series.generation == archive.generation and series.archived_seq < archive.first_seq:
        session.add(archive)
        series.archived_seq = archive.last_seq


def listed_since(session: Session) -> datetime:
    """When the list of series was last added to."""
    return session.scalar(select(func.max(Series.created_at))) or installation.the(session).created_at


class File(NamedTuple):
    """A file that a revision refers to by `path`; `length` in bytes."""

    path: str
    digest: str
    content_type: str
    length: int


def files(session: Session, revision_ids: Sequence[int]) -> dict[int, dict[str, File]]:
    """Per revision: its files by their paths in the Markdown."""
    found: dict[int, dict[str, File]] = {revision_id: {} for revision_id in revision_ids}
    statement = (
        select(RevisionMedia.revision_id, RevisionMedia.path, Media.digest, Media.content_type, func.length(Media.body))
        .join(Media, Media.id == RevisionMedia.media_id)
        .where(RevisionMedia.revision_id.in_(revision_ids))
        .order_by(RevisionMedia.revision_id, RevisionMedia.path)
    )
    for revision_id, *values in session.execute(statement):
        file = File(*values)
        found[revision_id][file.path] = file
    return found


def bodies(session: Session, revision_ids: Sequence[int]) -> dict[int, str]:
    """The Markdown of revisions, by id."""
    statement = select(Revision.id, Revision.body).where(Revision.id.in_(revision_ids))
    return dict(session.execute(statement).all())


def fragments(session: Session, post_ids: Sequence[int], *, form: str, mixed: bool) -> dict[int, tuple[str, bytes]]:
    """Entries encoded before: the key and the bytes, by post."""
    wanted = (Fragment.post_id.in_(post_ids), Fragment.form == form, Fragment.mixed.is_(mixed))
    rows = session.execute(select(Fragment.post_id, Fragment.key, Fragment.body).where(*wanted))
    return {post_id: (key, body) for post_id, key, body in rows}


def put_fragments(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep encoded entries; each takes the place of the one that its post had in that form."""
    for row in rows:
        insert = upserting(session, Fragment).values(**row)
        fresh = {"key": insert.excluded.key, "body": insert.excluded.body}
        session.execute(insert.on_conflict_do_update(index_elements=["post_id", "form", "mixed"], set_=fresh))


def _changed_at() -> Any:  # noqa: ANN401 - a scalar subquery
    news = select(func.max(Revision.created_at)).where(Revision.post_id == Post.id, Revision.significant)
    return news.correlate(Post).scalar_subquery()


def _released() -> Any:  # noqa: ANN401 - a select of nineteen columns
    return (
        select(
            Post.id, Post.entry_id, Post.slug, Post.seq, Series.id, Series.slug, Series.title, Series.author,
            Series.language, Revision.id, Revision.number, Revision.title, Revision.summary, Revision.author,
            Revision.tags, Revision.digest, Release.released_at, Release.silent, _changed_at(),
        )
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
        .where(Post.state == PostState.released)
    )  # fmt: skip


def _items(session: Session, statement: Select[Any]) -> list[Item]:
    return [Item._make(row) for row in session.execute(statement.order_by(Post.seq))]


def _newest(session: Session, statement: Select[Any], limit: int) -> list[Item]:
    order = (Release.released_at.desc(), Release.id.desc())
    return [Item._make(row) for row in session.execute(statement.order_by(*order).limit(limit))]
