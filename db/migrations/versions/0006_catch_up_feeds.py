"""Catch-up feeds, and what they need to know of the past: when history was taken in, when posts were withdrawn"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "catch_up_feeds",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("series_id", Id, sa.ForeignKey("series.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("after", Id, nullable=False),
        sa.Column("stretches", sa.JSON, nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
    )
    op.create_index("ix_catch_up_feeds_series_id", "catch_up_feeds", ["series_id"])
    op.create_table(
        "withdrawals",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("post_id", Id, sa.ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=False),
        sa.Column("restored_at", Instant(), nullable=False),
    )
    op.create_index("ix_withdrawals_post_id", "withdrawals", ["post_id"])
    # No batch: SQLite would build the table anew.
    op.add_column("releases", sa.Column("noted_at", Instant(), nullable=True))
