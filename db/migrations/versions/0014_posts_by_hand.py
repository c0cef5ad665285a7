"""Who wrote a revision, files that are not referred to yet, and posts that were sent and wait to be applied"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # Plain columns that may be empty: SQLite adds them in place, and the triggers of the search stay.
    op.add_column("revisions", sa.Column("actor", sa.String, nullable=True))
    op.add_column("media", sa.Column("uploaded_at", Instant(), nullable=True))
    op.create_index("ix_media_uploaded_at", "media", ["uploaded_at"])
    op.create_index("ix_posts_revision_id", "posts", ["revision_id"])
    op.create_table(
        "post_uploads",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("operator_id", Id, sa.ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
        sa.Column("series_id", Id, sa.ForeignKey("series.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("sources", sa.String, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("operator_id", name=op.f("uq_post_uploads_operator_id")),
    )
