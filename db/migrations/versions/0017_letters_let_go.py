"""Whether the words of an edition's letters are still kept"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("editions", sa.Column("words_kept", sa.Boolean, nullable=False, server_default=sa.true()))
    kept = sa.text("words_kept")
    op.create_index("ix_editions_words_kept", "editions", ["moment"], sqlite_where=kept, postgresql_where=kept)
