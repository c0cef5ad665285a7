"""What catching up needs: a pace for a subscription, editions for one subscription alone, and what goes first"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0005"
down_revision = "0004"

_WAITING = sa.text("paused_until IS NOT NULL")
_UNFOUND = sa.text("next_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "catch_ups",
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("pace", sa.JSON, nullable=False),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.Column("next_on", sa.Date, nullable=True),
        sa.Column("stepped_on", sa.Date, nullable=True),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
    )
    op.create_index(
        "ix_catch_ups_unfound",
        "catch_ups",
        ["subscription_id"],
        sqlite_where=_UNFOUND,
        postgresql_where=_UNFOUND,
    )
    # No foreign key, and no batch: SQLite would have to build these tables anew, and its letters would go with the old.
    op.add_column("editions", sa.Column("subscription_id", Id, nullable=True))
    op.add_column("editions", sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_editions_subscription_id", "editions", ["subscription_id"])
    op.add_column("deliveries", sa.Column("paced_on", sa.Date, nullable=True))
    op.create_index(
        "ix_subscribers_paused_until",
        "subscribers",
        ["paused_until"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
