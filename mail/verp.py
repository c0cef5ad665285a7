"""Return paths: each letter has one of its own, so that what comes back names the letter, and nobody can forge it."""

import base64
import hmac
import re
from dataclasses import dataclass

from db.subscribers import address_key
from mail.tokens import Tokens

_PURPOSE = "return-path"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Lower case and digits alone: some mail servers fold the case of what they send back. A forwarder may have put its own
# words before it (SRS), so that it need not begin the address.
_TAG = re.compile(r"(?<![0-9a-z])e([0-9a-z]{1,13})-([a-z2-7]{26})@")
_LONGEST_TAG = 1 + 13 + 1 + 26
LONGEST_LOCAL = 64 - len("+") - _LONGEST_TAG
"""Of the address that bounces come to: with a tag, its local part must not pass 64 octets (RFC 5321, 4.5.3.1.1)."""


@dataclass(frozen=True)
class Tag:
    """What a return path says: which letter it belongs to. `seal` has still to be proved."""

    letter: int
    seal: str


@dataclass(frozen=True)
class ReturnPaths:
    """Makes and proves return paths: `bounces+tag@example.org` for the address `bounces@example.org`.

    The seal covers the address of the letter, too: after a backup was restored, another letter may have the same id.
    """

    tokens: Tokens
    address: str
    separator: str = "+"

    def of(self, letter: int, address: str) -> str:
        """The return path of the letter with this id to this address."""
        local, _, domain = self.address.rpartition("@")
        return f"{local}{self.separator}e{_in_base_36(letter)}-{self._seal(letter, address)}@{domain}"

    @property
    def leave(self) -> str:
        """Where mail programs write to end the letters: `bounces+leave@example.org`."""
        local, _, domain = self.address.rpartition("@")
        return f"{local}{self.separator}leave@{domain}"

    def takes(self, recipient: str) -> bool:
        """Whether mail to this address is ours: the two that there are, or one that looks like a return path."""
        said, ours = recipient.casefold(), self.address.casefold()
        if said in (ours, self.leave.casefold()):
            return True
        local, _, domain = ours.rpartition("@")
        return said.startswith(local + self.separator) and said.endswith(f"@{domain}") and tag_in(said) is not None

    def proves(self, tag: Tag, address: str) -> bool:
        """Whether the tag was made here for the letter it names, to this address."""
        return hmac.compare_digest(self._seal(tag.letter, address), tag.seal)

    def _seal(self, letter: int, address: str) -> str:
        seal = self.tokens.seal(_PURPOSE, f"{letter}|{address_key(address)}")
        return base64.b32encode(seal).decode("ascii").rstrip("=").lower()


def tag_in(text: str) -> Tag | None:
    """The tag of the first return path in a text, not yet proved; None where there is none."""
    found = _TAG.search(text.casefold())
    if found is None:
        return None
    letter = int(found[1], 36)
    return Tag(letter, found[2]) if letter < 1 << 63 else None


def _in_base_36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
