"""What publishing keeps: encoded entries, archives, tags, former addresses, pings"""

import hashlib
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("series") as series:
        series.add_column(sa.Column("ended_at", Instant(), nullable=True))
        series.add_column(sa.Column("retired_at", Instant(), nullable=True))
        series.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="1"))
        series.add_column(sa.Column("archived_seq", Id, nullable=False, server_default="0"))
    with op.batch_alter_table("posts") as posts:
        posts.add_column(sa.Column("withdrawn_at", Instant(), nullable=True))
    with op.batch_alter_table("installation") as installation:
        installation.add_column(sa.Column("site_url", sa.String(), nullable=True))
    op.create_index("ix_posts_withdrawn_at", "posts", ["withdrawn_at"])
    op.create_index("ix_releases_released_at", "releases", ["released_at"])
    _tags()
    _moves()
    _fragments()
    _archives()
    _pings()


def _tags() -> None:
    op.create_table(
        "post_tags",
        sa.Column("post_id", Id, sa.ForeignKey("posts.id", name="fk_post_tags_post_id", ondelete="CASCADE")),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "tag", name="pk_post_tags"),
    )
    op.create_index("ix_post_tags_tag_post_id", "post_tags", ["tag", "post_id"])
    connection = op.get_bind()
    posts = sa.table("posts", sa.column("id"), sa.column("revision_id"))
    revisions = sa.table("revisions", sa.column("id"), sa.column("tags", sa.JSON))
    rows = connection.execute(
        sa.select(posts.c.id, revisions.c.tags).join(revisions, revisions.c.id == posts.c.revision_id)
    )
    tags = sa.table("post_tags", sa.column("post_id"), sa.column("tag"), sa.column("name"))
    for post_id, names in rows.all():
        found = {_slug(name): name for name in names if name.strip()}
        for slug, name in found.items():
            connection.execute(tags.insert().values(post_id=post_id, tag=slug, name=name))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", plain))[:80] or f"t-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def _moves() -> None:
    op.create_table(
        "series_moves",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column(
            "series_id",
            Id,
            sa.ForeignKey("series.id", name="fk_series_moves_series_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_series_moves"),
    )
    op.create_table(
        "post_moves",
        sa.Column("series_id", Id, sa.ForeignKey("series.id", name="fk_post_moves_series_id", ondelete="CASCADE")),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column(
            "post_id", Id, sa.ForeignKey("posts.id", name="fk_post_moves_post_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "slug", name="pk_post_moves"),
    )


def _fragments() -> None:
    op.create_table(
        "fragments",
        sa.Column("post_id", Id, sa.ForeignKey("posts.id", name="fk_fragments_post_id", ondelete="CASCADE")),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("mixed", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "form", "mixed", name="pk_fragments"),
    )


def _archives() -> None:
    op.create_table(
        "archives",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column(
            "series_id",
            Id,
            sa.ForeignKey("series.id", name="fk_archives_series_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seq", Id, nullable=False),
        sa.Column("last_seq", Id, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archives"),
        sa.UniqueConstraint("series_id", "generation", "number", name="uq_archives_series_id_generation_number"),
    )


def _pings() -> None:
    op.create_table(
        "pings",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("wanted", Id, nullable=False),
        sa.Column("done", Id, nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("url", name="pk_pings"),
    )
