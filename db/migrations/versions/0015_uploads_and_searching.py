"""Lists that operators send by a page, finding readers by the beginning of an address, and counting them by day"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0015"
down_revision = "0014"

_UNDER_WAY = sa.text("state IN ('waiting', 'checking', 'taking_in')")


def upgrade() -> None:
    _uploads()
    _indexes()


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("sent_by", sa.String, nullable=False),
        sa.Column("skip_refused", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("lines", Id, nullable=False),
        sa.Column("line", Id, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("refused", Id, nullable=False),
        sa.Column("problem", sa.String, nullable=True),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("lease_owner", sa.String, nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
    )
    op.create_index("ix_uploads_ended_at", "uploads", ["ended_at"])
    op.create_index("ix_uploads_under_way", "uploads", ["id"], sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY)
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", Id, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", Id, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "upload_refusals",
        sa.Column("upload_id", Id, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("line", Id, primary_key=True),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("problem", sa.String, nullable=False),
    )


def _indexes() -> None:
    left = sa.text("left_at IS NOT NULL")
    op.create_index("ix_subscribers_counted", "subscribers", ["state", "created_at"])
    op.create_index("ix_editions_moment", "editions", ["moment", "id"])
    op.create_index("ix_subscriptions_left", "subscriptions", ["left_at"], sqlite_where=left, postgresql_where=left)
    op.create_index("ix_suppressions_created_at", "suppressions", ["created_at"])
    if op.get_bind().dialect.name == "postgresql":
        # Without it the order of addresses is that of a language, and no index finds one by its beginning.
        op.execute('ALTER TABLE subscribers ALTER COLUMN address_key TYPE varchar COLLATE "C"')
