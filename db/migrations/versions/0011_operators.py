"""Operators with their sign-ins, and finding posts by their words"""

import sqlalchemy as sa
from alembic import op

from db.types import Id, Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _operators()
    _sign_ins()
    _invitations()
    _attempts()
    {"sqlite": _search_on_sqlite, "postgresql": _search_on_postgresql}[op.get_bind().dialect.name]()


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("email_key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("totp", sa.String, nullable=True),
        sa.Column("totp_step", Id, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_index("uq_operators_email_key", "operators", ["email_key"], unique=True)
    op.create_table(
        "recovery_codes",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("operator_id", Id, sa.ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
        sa.Column("digest", sa.String, nullable=False),
    )
    op.create_index("ix_recovery_codes_operator_id", "recovery_codes", ["operator_id"])


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("operator_id", Id, sa.ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("program", sa.String, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
    )
    op.create_index("uq_sign_ins_digest", "sign_ins", ["digest"], unique=True)
    op.create_index("ix_sign_ins_operator_id", "sign_ins", ["operator_id"])
    op.create_index("ix_sign_ins_ends_at", "sign_ins", ["ends_at"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("operator_id", Id, sa.ForeignKey("operators.id", ondelete="CASCADE"), nullable=True),
        sa.Column("invited_by", sa.String, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
    )
    op.create_index("uq_invitations_digest", "invitations", ["digest"], unique=True)
    op.create_index("ix_invitations_operator_id", "invitations", ["operator_id"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("count", Id, nullable=False),
        sa.Column("since", Instant(), nullable=False),
    )
    op.create_index("ix_attempts_since", "attempts", ["since"])


def _search_on_sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5("
        "title, summary, body, content='revisions', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "CREATE TRIGGER search_words_insert AFTER INSERT ON revisions BEGIN "
        "INSERT INTO search_words (rowid, title, summary, body) VALUES (new.id, new.title, new.summary, new.body); END"
    )
    op.execute(
        "CREATE TRIGGER search_words_delete AFTER DELETE ON revisions BEGIN "
        "INSERT INTO search_words (search_words, rowid, title, summary, body) "
        "VALUES ('delete', old.id, old.title, old.summary, old.body); END"
    )
    op.execute("INSERT INTO search_words (search_words) VALUES ('rebuild')")


def _search_on_postgresql() -> None:
    parts = {"title": "A", "summary": "B", "body": "D"}
    plain = "regexp_replace(left({column}, 100000), '[^[:alnum:]]+', ' ', 'g')"
    vector = f"setweight(to_tsvector('simple', {plain}), '{{weight}}')"
    vectors = " || ".join(vector.format(column=column, weight=weight) for column, weight in parts.items())
    # Not by op.execute, which would read a colon in the expression as a parameter.
    connection = op.get_bind()
    connection.exec_driver_sql(
        f"ALTER TABLE revisions ADD COLUMN search_words tsvector GENERATED ALWAYS AS ({vectors}) STORED"
    )
    connection.exec_driver_sql("CREATE INDEX search_words_index ON revisions USING gin (search_words)")
