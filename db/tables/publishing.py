"""What is published: feed work, encoded entries, archives, and what hubs are still to be told."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Count, Key, SeriesKey
from db.types import Id


class FeedWork(Base):
    """Documents that must be written again whenever `wanted` is ahead of `done`.

    A topic is `series:<id>`, `tag:<tag>`, `gone:<slug>`, `all` or `opml`.
    """

    __tablename__ = "feed_work"

    topic: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[Count]
    done: Mapped[Count]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]


class Fragment(Base):
    """A post encoded as an entry of one form of feed; `mixed` where that names the series. `key` hashes all inputs."""

    __tablename__ = "fragments"

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    mixed: Mapped[bool] = mapped_column(primary_key=True)
    key: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Archive(Base):
    """A frozen document with the posts of a series from one seq to another; numbered from 1 in its generation."""

    __tablename__ = "archives"
    __table_args__ = (UniqueConstraint("series_id", "generation", "number"),)

    id: Mapped[Key]
    series_id: Mapped[SeriesKey]
    generation: Mapped[int]
    number: Mapped[int]
    first_seq: Mapped[int] = mapped_column(Id)
    last_seq: Mapped[int] = mapped_column(Id)
    made_at: Mapped[datetime]


class Ping(Base):
    """An address whose hub is to be told of news whenever `wanted` is ahead of `done`."""

    __tablename__ = "pings"

    url: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[Count]
    done: Mapped[Count]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
