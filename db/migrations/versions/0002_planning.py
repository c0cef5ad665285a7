"""What planning keeps: rules of lint, what a source said, changes of a moment"""

import sqlalchemy as sa
from alembic import op

from db.types import Instant, Wall

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("series") as series:
        series.add_column(sa.Column("lint", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("posts") as posts:
        posts.add_column(sa.Column("earliest", Wall(), nullable=True))
        posts.add_column(sa.Column("said", sa.JSON(none_as_null=True), nullable=True))
        posts.add_column(sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
        posts.add_column(sa.Column("moved_at", Instant(), nullable=True))
    op.create_index("ix_audit_subject_id", "audit", ["subject", "id"])
