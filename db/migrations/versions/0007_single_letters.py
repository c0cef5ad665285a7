"""What single letters need: their purpose in the ledger, and what people ask for by themselves"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0007"
down_revision = "0006"

_OPEN = "state IN ('pending', 'intent', 'soft')"


def upgrade() -> None:
    _what_people_ask_for()
    op.drop_index("uq_deliveries_open", "deliveries")
    if op.get_bind().dialect.name == "sqlite":
        _deliveries_built_anew()
    else:
        _deliveries_changed()
    only_editions = sa.text(f"{_OPEN} AND purpose IS NULL")
    op.create_index(
        "uq_deliveries_open",
        "deliveries",
        ["subscriber_id"],
        unique=True,
        sqlite_where=only_editions,
        postgresql_where=only_editions,
    )
    op.create_index("ix_deliveries_wish_id", "deliveries", ["wish_id"])


def _what_people_ask_for() -> None:
    pending = sa.text("state = 'pending'")
    op.create_index(
        "ix_subscribers_pending", "subscribers", ["created_at"], sqlite_where=pending, postgresql_where=pending
    )
    op.create_table(
        "wishes",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reader("wishes"),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wishes_subscriber_id", "wishes", ["subscriber_id"])
    op.create_index("ix_wishes_expires_at", "wishes", ["expires_at"])
    op.create_table(
        "consents",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reader("consents"),
        sa.Column("series", sa.JSON, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=False),
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber_id"])
    op.create_table(
        "throttles",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("until", Instant(), nullable=False),
    )
    op.create_index("ix_throttles_until", "throttles", ["until"])


def _reader(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("subscribers.id", ondelete="CASCADE", name=f"fk_{table}_subscriber_id")
    return sa.Column("subscriber_id", Id, key, nullable=False)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("purpose", sa.String, nullable=True),
        sa.Column("fingerprint", sa.String, nullable=True),
        sa.Column("wish_id", Id, sa.ForeignKey("wishes.id", ondelete="CASCADE", name="fk_deliveries_wish_id")),
    ]


def _deliveries_changed() -> None:
    for column in _columns():
        op.add_column("deliveries", column)
    op.alter_column("deliveries", "subscriber_id", nullable=True)


def _deliveries_built_anew() -> None:
    """SQLite cannot make a column nullable but by another table; with the old one the marks of its letters would go."""
    op.execute("CREATE TABLE kept_marks AS SELECT * FROM delivery_marks")
    with op.batch_alter_table("deliveries", recreate="always") as deliveries:
        for column in _columns():
            deliveries.add_column(column)
        deliveries.alter_column("subscriber_id", existing_type=Id, nullable=True)
    op.execute("INSERT INTO delivery_marks SELECT * FROM kept_marks")
    op.execute("DROP TABLE kept_marks")
