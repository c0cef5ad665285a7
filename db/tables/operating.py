"""Operators: who they are, how they prove it, where they are signed in."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Count, Key
from db.types import Id

OperatorKey = Annotated[int, mapped_column(Id, ForeignKey("operators.id", ondelete="CASCADE"))]


class Operator(Base):
    """`email_key` is the address as it is compared; `password` a hash with its parameters.

    `totp` is the sealed secret of the second factor, None without one; `totp_step` the last step that was used.
    `language` is that of their pages; None for the one that their browser asks for.
    """

    __tablename__ = "operators"
    __table_args__ = (Index("uq_operators_email_key", "email_key", unique=True),)

    id: Mapped[Key]
    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password: Mapped[str]
    totp: Mapped[str | None]
    totp_step: Mapped[Count]
    language: Mapped[str | None]
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """Stands in for the second factor, once: the row goes when it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[Key]
    operator_id: Mapped[OperatorKey] = mapped_column(index=True)
    digest: Mapped[str]


class SignIn(Base):
    """A browser in which an operator is signed in; `digest` is of the token in its cookie.

    Without the second factor that its operator has it is not `whole`, and opens nothing.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (Index("uq_sign_ins_digest", "digest", unique=True), Index("ix_sign_ins_ends_at", "ends_at"))

    id: Mapped[Key]
    operator_id: Mapped[OperatorKey] = mapped_column(index=True)
    digest: Mapped[str]
    whole: Mapped[bool]
    program: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Invitation(Base):
    """A link that works once: it makes an operator, or gives the one with `operator_id` another password.

    Without `email` whoever follows it says their own: that is how the first operator comes.
    """

    __tablename__ = "invitations"
    __table_args__ = (Index("uq_invitations_digest", "digest", unique=True),)

    id: Mapped[Key]
    digest: Mapped[str]
    email: Mapped[str | None]
    role: Mapped[str]
    operator_id: Mapped[OperatorKey | None] = mapped_column(index=True)
    invited_by: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Attempt(Base):
    """How often something was tried under a key since a moment: what rate limits are counted by."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_since", "since"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[Count]
    since: Mapped[datetime]
