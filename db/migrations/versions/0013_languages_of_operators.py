"""The language that an operator chose for their pages"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("operators", sa.Column("language", sa.String, nullable=True))
