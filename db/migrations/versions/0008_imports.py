"""How far long imports have come"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("line", Id, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
    )
