"""What is written and released: series, posts, their revisions and media, releases, feed work."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.states import MissedPolicy, PostState
from db.tables.base import Base, Count, Key, PostKey, SeriesKey, WallTime
from db.types import Id


class Series(Base):
    """`last_seq` counts releases under this row's lock; `version` rises with each plan edit.

    What came out up to `archived_seq` is in archives of this `generation`; the live feed holds the rest. A series that
    has ended says so in its feed; one that is retired is gone from its addresses.
    """

    __tablename__ = "series"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    entry_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    subtitle: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    author: Mapped[str | None]
    zone: Mapped[str]
    hour: Mapped[str] = mapped_column(default="07:00")
    cadence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    announces: Mapped[bool] = mapped_column(default=False)
    announced_count: Mapped[int | None]
    announced_from: Mapped[date | None]
    announced_until: Mapped[date | None]
    missed: Mapped[str] = mapped_column(default=MissedPolicy.release)
    lint: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    held_at: Mapped[datetime | None]
    held_reason: Mapped[str | None]
    version: Mapped[Count]
    last_seq: Mapped[Count]
    ended_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=1, server_default="1")
    archived_seq: Mapped[int] = mapped_column(Id, default=0, server_default="0")
    created_at: Mapped[datetime]


class Post(Base):
    """`wall` with `zone` is the plan; `due_at` is derived from them with the rules named by `tzdata`.

    A pinned post has a moment of its own; one with `earliest` takes a slot of the cadence, but none before that.
    `said` is what its source said last of number, date and draft, and the digest of its words, so that importing it
    again changes only what changed there. `sequence` counts the changes of its moment, the last at `moved_at`
    (RFC 5545, 3.8.7.4).
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("series_id", "slug"),
        UniqueConstraint("series_id", "seq"),
        Index("ix_posts_due", "state", "due_at"),
        Index("ix_posts_withdrawn_at", "withdrawn_at"),
        Index("ix_posts_order", "series_id", "position"),
        Index("ix_posts_revision_id", "revision_id"),
    )

    id: Mapped[Key]
    series_id: Mapped[SeriesKey]
    entry_id: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str]
    number: Mapped[str | None]
    position: Mapped[Count]
    state: Mapped[str] = mapped_column(default=PostState.draft)
    pinned: Mapped[bool] = mapped_column(default=False)
    earliest: Mapped[WallTime | None]
    wall: Mapped[WallTime | None]
    zone: Mapped[str | None]
    tzdata: Mapped[str | None]
    due_at: Mapped[datetime | None]
    seq: Mapped[int | None] = mapped_column(Id)
    withdrawn_at: Mapped[datetime | None]
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    moved_at: Mapped[datetime | None]
    # No foreign key: a post and its first revision would each have to exist before the other.
    revision_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class Revision(Base):
    """One state of a post's words. Never changed; a significant one moves the `updated` of feeds.

    `actor` is who wrote it, or `import`; None for those from before that was noted.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[Key]
    post_id: Mapped[PostKey]
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str]
    author: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(JSON)
    body: Mapped[str]
    digest: Mapped[str]
    significant: Mapped[bool] = mapped_column(default=True)
    actor: Mapped[str | None]
    created_at: Mapped[datetime]


class Media(Base):
    """A file that revisions refer to, kept once per content.

    One that was sent before anything refers to it has `uploaded_at` (machine time), and goes if nothing ever does.
    """

    __tablename__ = "media"

    id: Mapped[Key]
    digest: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime | None] = mapped_column(index=True)


class PostUpload(Base):
    """Posts that an operator sent and has not applied yet, as values; their files are in `media`.

    An operator has one at a time. `created_at` is machine time.
    """

    __tablename__ = "post_uploads"

    id: Mapped[Key]
    operator_id: Mapped[int] = mapped_column(Id, ForeignKey("operators.id", ondelete="CASCADE"), unique=True)
    series_id: Mapped[SeriesKey]
    name: Mapped[str]
    sources: Mapped[str]
    created_at: Mapped[datetime]


class RevisionMedia(Base):
    """The name under which a revision refers to a file. A file is public once a released post uses it."""

    __tablename__ = "revision_media"

    revision_id: Mapped[int] = mapped_column(Id, ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    media_id: Mapped[int] = mapped_column(Id, ForeignKey("media.id"), index=True)


class PostTag(Base):
    """A tag of a post's words as they are now; `tag` is the slug of its address."""

    __tablename__ = "post_tags"
    __table_args__ = (Index("ix_post_tags_tag_post_id", "tag", "post_id"),)

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class SeriesMove(Base):
    """A slug that a series had before it was renamed."""

    __tablename__ = "series_moves"

    slug: Mapped[str] = mapped_column(primary_key=True)
    series_id: Mapped[SeriesKey]
    moved_at: Mapped[datetime]


class PostMove(Base):
    """A slug that a post had in its series before it was renamed."""

    __tablename__ = "post_moves"

    series_id: Mapped[int] = mapped_column(Id, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[PostKey]
    moved_at: Mapped[datetime]


class Release(Base):
    """The fact that a post became public. `lateness_ms` is released − planned, in milliseconds.

    History has none, as it is silent: it counts as released on its date, and was there from `noted_at` on.
    """

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("series_id", "seq"), Index("ix_releases_released_at", "released_at"))

    id: Mapped[Key]
    post_id: Mapped[PostKey] = mapped_column(unique=True)
    series_id: Mapped[SeriesKey]
    seq: Mapped[int] = mapped_column(Id)
    planned_at: Mapped[datetime]
    released_at: Mapped[datetime]
    lateness_ms: Mapped[int | None] = mapped_column(Id)
    silent: Mapped[bool] = mapped_column(default=False)
    noted_at: Mapped[datetime | None]


class Withdrawal(Base):
    """A time in which a post was withdrawn, and that is over: it was restored."""

    __tablename__ = "withdrawals"

    id: Mapped[Key]
    post_id: Mapped[PostKey] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime]
    restored_at: Mapped[datetime]
