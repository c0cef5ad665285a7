"""Random tokens and codes, of which only digests are kept, and sealing what must be read again."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like others."""


def new_token() -> str:
    """256 random bits, in 43 characters that a cookie and an address can carry."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token. It is too long to be guessed, so that a plain hash hides it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_codes(count: int = 10) -> list[str]:
    """Recovery codes for paper, such as `k7mq-2hx9-wd4r-8ptc`: 79 random bits each."""
    return ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(count)]


def code_digest(code: str) -> str:
    """The same however the code is typed."""
    return digest("".join(sign for sign in code.casefold() if sign in _LETTERS))


class Sealer:
    """Seals texts with a key of the installation, so that a copy of the store alone does not give them away."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def opened(self, sealed: str) -> str | None:
        """None for what was not sealed here."""
        try:
            return self._fernet.decrypt(sealed.encode("utf-8", "replace")).decode()
        except InvalidToken:
            return None
