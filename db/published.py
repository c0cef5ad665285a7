"""What feeds are made of: released posts without their bodies, what was withdrawn, and the entries encoded before."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db import installation
from db.series import new_generation
from db.states import PostState
from db.tables import Archive, Fragment, Media, Post, PostTag, Release, Revision, RevisionMedia, Series, SeriesMove
from db.upsert import upserting

TOMBSTONES = 20
"""Withdrawn posts that a feed speaks of, the last ones."""
_AT_ONCE = 500
"""Posts named in one statement; nobody asks for more at once."""
_LATELY = 1000
"""Among so many last releases a tag is looked for before all that have it are: common ones are found at once."""


class Item(NamedTuple):
    """A released post as feeds need it; `changed_at` is when its words last changed in a way that is news, if ever."""

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
    title: str
    summary: str
    author: str | None
    tags: list[str]
    digest: str
    released_at: datetime
    changed_at: datetime | None


class Gone(NamedTuple):
    """A withdrawn post."""

    entry_id: str
    withdrawn_at: datetime


def unarchived(session: Session, series: Series, limit: int) -> list[Item]:
    """The oldest posts of a series that are in no archive of its generation, in their order."""
    return _items(session, _released().where(Post.series_id == series.id, Post.seq > series.archived_seq).limit(limit))


def resurfaced(session: Session, series: Series) -> list[Item]:
    """Archived posts whose words changed since their archive was made, oldest first."""
    made = [(archive.last_seq, archive.made_at) for archive in archives(session, series)]
    # For each post that was never edited, the database has only to look into an index.
    edited = select(Revision.id).where(*_news()).correlate(Post).exists()
    archived = (Post.series_id == series.id, Post.seq <= series.archived_seq, edited)
    rows = session.execute(select(Post.id, Post.seq, Post.state, _changed_at()).where(*archived).order_by(Post.seq))
    again = [
        key
        for key, seq, state, changed_at in rows
        if state == PostState.released and changed_at > made[bisect_left(made, (seq,))][1]
    ]
    return _items(session, _described().where(Post.id.in_(again[:_AT_ONCE])))


def those(session: Session, post_ids: Sequence[int]) -> dict[int, Item]:
    """Of these posts, which are few, those that are out; by id."""
    items = _items(session, _released().where(Post.id.in_(post_ids)))
    return {item.post_id: item for item in items}


def newest(session: Session, limit: int) -> list[Item]:
    """The last released posts of all series, newest first."""
    return _newest(session, _last_out().limit(limit))


def newest_of_tag(session: Session, tag: str, limit: int) -> list[Item]:
    """The last released posts with a tag, newest first."""
    lately = _last_out().limit(_LATELY).subquery()
    common = select(PostTag.post_id).join(lately, lately.c.post_id == PostTag.post_id).where(PostTag.tag == tag)
    if len(session.scalars(common.limit(limit)).all()) == limit:
        has = select(PostTag.tag).where(PostTag.post_id == Release.post_id, PostTag.tag == tag).correlate(Release)
        return _newest(session, _last_out().where(has.exists()).limit(limit))
    with_tag = select(PostTag.post_id).where(PostTag.tag == tag)
    return _newest(session, _last_out().where(Release.post_id.in_(with_tag)).limit(limit))


def gone(session: Session, *within: ColumnElement[bool]) -> list[Gone]:
    """The posts withdrawn last, newest first; `within` bounds which, over Post."""
    out = (Post.withdrawn_at.is_not(None), Post.state == PostState.withdrawn, Post.seq.is_not(None))
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


def note_archive(session: Session, archive: Archive, written: Sequence[Item]) -> bool:
    """Note an archive with what was written into it; False when something came in between, so that it does not count.

    What is noted is so under the lock of the series that corrections and edits of words take as well.
    """
    statement = select(Series).where(Series.id == archive.series_id).with_for_update()
    series = session.scalars(statement.execution_options(populate_existing=True)).one()
    if series.generation != archive.generation:
        return False
    first = min(archive.first_seq, series.archived_seq + 1)
    now = _released().where(Post.series_id == series.id, Post.seq >= first, Post.seq <= archive.last_seq)
    same = _items(session, now) == list(written)
    if series.archived_seq >= archive.first_seq:
        # Another writer noted it first, and what it wrote may have been written over by then.
        if not same:
            new_generation(series)
        return False
    if same:
        session.add(archive)
        series.archived_seq = archive.last_seq
    return same


def count_out(session: Session, series_id: int) -> int:
    """How many posts of a series are out."""
    out = (Post.series_id == series_id, Post.state == PostState.released)
    return session.scalar(select(func.count()).select_from(Post).where(*out)) or 0


def listed_since(session: Session) -> datetime:
    """When the list of series was last changed: one added, renamed or taken off."""
    changes = [Series.created_at, Series.retired_at, SeriesMove.moved_at]
    latest = [session.scalar(select(func.max(change))) for change in changes]
    return max((at for at in latest if at), default=installation.the(session).created_at)


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


def written_at(session: Session, revision_ids: Sequence[int]) -> datetime | None:
    """When the last of these revisions was written, be it news or not."""
    return session.scalar(select(func.max(Revision.created_at)).where(Revision.id.in_(revision_ids)))


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


def _news() -> tuple[ColumnElement[bool], ...]:
    """Over Revision: new words of a Post that readers are told of. Its first words are not: its release tells them."""
    return (Revision.post_id == Post.id, Revision.number > 1, Revision.significant.is_(True))


def _changed_at() -> Any:  # noqa: ANN401 - a scalar subquery
    return select(func.max(Revision.created_at)).where(*_news()).correlate(Post).scalar_subquery()


def _released() -> Any:  # noqa: ANN401 - a select of seventeen columns
    return _described().where(Post.state == PostState.released)


def _described() -> Any:  # noqa: ANN401 - a select of seventeen columns
    """Of posts named by id; their state is no part of it, as SQLite would rather look at all of that state."""
    return (
        select(
            Post.id, Post.entry_id, Post.slug, Post.seq, Series.id, Series.slug, Series.title, Series.author,
            Series.language, Revision.id, Revision.title, Revision.summary, Revision.author,
            Revision.tags, Revision.digest, Release.released_at, _changed_at(),
        )
        .join(Series, Series.id == Post.series_id)
        .join(Revision, Revision.id == Post.revision_id)
        .join(Release, Release.post_id == Post.id)
    )  # fmt: skip


def _items(session: Session, statement: Select[Any]) -> list[Item]:
    return [Item._make(row) for row in session.execute(statement.order_by(Post.seq))]


def _last_out() -> Any:  # noqa: ANN401 - a select of one column
    """The ids of posts that are out, the last released first. In this form both databases walk the index by time."""
    out = select(Post.id).where(Post.id == Release.post_id, Post.state == PostState.released).correlate(Release)
    return select(Release.post_id).where(out.exists()).order_by(Release.released_at.desc(), Release.id.desc())


def _newest(session: Session, which: Select[Any]) -> list[Item]:
    order = session.scalars(which).all()
    items = {item.post_id: item for item in _items(session, _described().where(Post.id.in_(order)))}
    return [items[key] for key in order]
