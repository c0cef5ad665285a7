"""What publishing keeps: encoded entries, archives, tags, former addresses, pings"""

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
    op.create_index("ix_post_tags_tag", "post_tags", ["tag"])


def _moves() -> None:
    op.create_table(
        "moves",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("series_slug", sa.String(), nullable=False),
        sa.Column("post_slug", sa.String(), nullable=False),
        sa.Column(
            "series_id", Id, sa.ForeignKey("series.id", name="fk_moves_series_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("post_id", Id, sa.ForeignKey("posts.id", name="fk_moves_post_id", ondelete="CASCADE"), nullable=True),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        sa.UniqueConstraint("series_slug", "post_slug", name="uq_moves_series_slug_post_slug"),
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
