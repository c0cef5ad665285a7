"""Passwords: what one must be like, hashing (argon2id), and proving in a time that tells nothing."""

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from db.errors import BadValue
from db.said import say

SHORTEST = 12
LONGEST = 500


class Passwords:
    """`hasher` has the costs; hashes made with others still prove, and are told to be made anew."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """Stands in for the hash of an account that is not there, so that looking takes as long."""
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def proves(self, password: str, hashed: str | None) -> bool:
        """Whether this is the password of a hash; without one it takes as long, and is not."""
        nobody = self._nobody  # made by the first who asks, whether or not their account is there
        try:
            self._hasher.verify(nobody if hashed is None else hashed, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    def is_old(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)


def check_password(password: str, *, email: str) -> None:
    """Raises BadValue for a password that is too easily guessed, or too long."""
    if len(password) < SHORTEST:
        raise BadValue(
            say(
                "a password has at least %(shortest)s characters; four or five words make a good one", shortest=SHORTEST
            )
        )
    if len(password) > LONGEST:
        raise BadValue(say("a password has at most %(longest)s characters", longest=LONGEST))
    plain, own = password.casefold(), email.casefold()
    if len(set(plain)) < 5 or (own and (own in plain or plain in own)):
        raise BadValue(say("that password is too easy to guess; four or five words make a good one"))
