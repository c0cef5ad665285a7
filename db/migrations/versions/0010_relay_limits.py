"""How fast letters may go to a relay and to a domain, for all processes together"""

import sqlalchemy as sa
from alembic import op

from db.types import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("free_at", Instant(), nullable=False),
    )
