"""Readers and letters, counted beside the pages that say how many; and an index of letters in trouble"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "crowds",
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("alike", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("zone", "hour", name="pk_crowds"),
    )
    op.create_table(
        "crowd_counts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("counted_at", Instant()),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("begun_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_crowd_counts"),
    )
    op.add_column("editions", sa.Column("tally", sa.JSON(none_as_null=True), nullable=True))
    untallied = sa.text("finished_at IS NOT NULL AND tally IS NULL AND kind <> 'single'")
    op.create_index("ix_editions_untallied", "editions", ["moment"], sqlite_where=untallied, postgresql_where=untallied)
    troubled = sa.text("state IN ('in_doubt', 'soft', 'hard')")
    op.create_index(
        "ix_deliveries_troubled",
        "deliveries",
        ["edition_id", "state", "id"],
        sqlite_where=troubled,
        postgresql_where=troubled,
    )
