"""The link in a letter that invites an operator: made of what the key of the letter says, and kept nowhere."""

from datetime import UTC, datetime, timedelta

from db.states import Purpose
from db.tables import Invitation
from mail.tokens import Tokens

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def key_of(invitation: Invitation) -> str:
    """The key of its letter. An id may come again once its invitation is used; together with the time it does not."""
    return f"{Purpose.invitation}:{invitation.id}:{(invitation.created_at - _EPOCH) // timedelta(microseconds=1)}"


def token_of(tokens: Tokens, key: str) -> str:
    """The token in the link of a letter with this key."""
    _, subject, counter = key.split(":")
    return tokens.make(Purpose.invitation, int(subject), int(counter))
