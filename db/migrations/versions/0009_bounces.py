"""What comes back of letters, and why an address is suppressed"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("delivery_id", Id, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subscriber_id", Id, sa.ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=True),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("reporter", sa.String, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("forgiven_at", Instant(), nullable=True),
        sa.UniqueConstraint("delivery_id", "kind"),
    )
    op.create_index("ix_bounces_subscriber_id", "bounces", ["subscriber_id", "id"])
    op.create_index("ix_bounces_at", "bounces", ["at"])
    # No batch: SQLite would build the table anew.
    op.add_column("suppressions", sa.Column("address", sa.String, nullable=True))
    op.add_column("suppressions", sa.Column("kind", sa.String, nullable=False, server_default="operator"))
    op.execute("UPDATE suppressions SET kind = 'hard' WHERE reason LIKE 'bounced%'")
    op.execute(
        "UPDATE suppressions SET address = (SELECT subscribers.address FROM subscribers "
        "WHERE subscribers.fingerprint = suppressions.fingerprint)"
    )
