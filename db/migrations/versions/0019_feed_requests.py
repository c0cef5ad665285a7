"""How often feeds are asked for"""

import sqlalchemy as sa
from alembic import op

from db.types import Instant

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "feed_requests",
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("answer", sa.String, nullable=False),
        sa.Column("many", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("hour", "answer", name="pk_feed_requests"),
    )
