"""Readers who are alike, counted together now and then"""

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
