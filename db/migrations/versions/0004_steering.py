"""What steering needs: an operator's wish to send a letter in doubt again, and the ways to a reader's letters"""

import sqlalchemy as sa
from alembic import op

from db.types import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("asked_at", Instant(), nullable=True))
    op.create_index("ix_deliveries_subscriber", "deliveries", ["subscriber_id", "id"])
    op.create_index("ix_deliveries_settled", "deliveries", ["edition_id", "settled_at"])
