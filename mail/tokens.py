"""What only this installation can make: tokens in links, Message-IDs, fingerprints of addresses."""

import base64
import hmac
import re

UNSUBSCRIBE = "unsubscribe"
"""The purpose of the tokens in unsubscribe links; their subject is the subscriber's id."""
PREFERENCES = "preferences"
"""The purpose of the tokens in links to preferences; their subject is the subscriber's id."""
VIEW = "view"
"""The purpose of the tokens in links to a letter in the browser; their subject is the delivery's id."""
CATCH_UP = "catch-up"
"""The purpose of the tokens in the addresses of catch-up feeds; their subject is the feed's id."""

_MAC_BYTES = 16
_SUBJECT_BYTES = 8
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")  # 24 bytes in base64url need no padding, so each token has one spelling


class Tokens:
    """Makes and proves tokens with one secret. Nothing is stored: raising a subject's counter revokes its tokens."""

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("the secret of the tokens is empty")
        # What HMAC makes of its key is the same for each text (RFC 2104, 4), and a letter has four of them.
        self._begun = hmac.new(secret, digestmod="sha256")

    def make(self, purpose: str, subject: int, counter: int) -> str:
        """A token of 32 URL-safe characters: the subject, then 128 bits of HMAC-SHA256."""
        return _spell(subject.to_bytes(_SUBJECT_BYTES, "big", signed=True) + self._mac(purpose, subject, counter))

    def subject_of(self, token: str) -> int | None:
        """The subject a token names, not yet proved; None if this is no token at all."""
        if not _TOKEN.fullmatch(token):
            return None
        subject = int.from_bytes(base64.urlsafe_b64decode(token)[:_SUBJECT_BYTES], "big", signed=True)
        return subject if subject >= 0 else None

    def proves(self, token: str, purpose: str, subject: int, counter: int) -> bool:
        """Whether this very token was made here for these three; takes the same time for every wrong token."""
        return hmac.compare_digest(self.make(purpose, subject, counter).encode(), token.encode("utf-8", "replace"))

    def message_id(self, delivery_key: str, domain: str) -> str:
        """`<hex@domain>`, the same for every sending of this delivery (RFC 5322, 3.6.4); `domain` as A-labels."""
        return f"<{self._hmac(f'message-id|{delivery_key}').hex()[:40]}@{domain}>"

    def fingerprint(self, address_key: str) -> str:
        """64 hex digits that recognise an address without keeping it."""
        return self._hmac(f"fingerprint|{address_key}").hex()

    def seal(self, purpose: str, text: str) -> bytes:
        """128 bits that only this installation can make for this text and purpose."""
        return self._hmac(f"{purpose}|{text}")[:_MAC_BYTES]

    def key(self, purpose: str) -> bytes:
        """32 bytes to seal things with that only this installation shall read."""
        return self._hmac(f"key|{purpose}")

    def _mac(self, purpose: str, subject: int, counter: int) -> bytes:
        return self._hmac(f"{purpose}|{subject}|{counter}")[:_MAC_BYTES]

    def _hmac(self, text: str) -> bytes:
        mac = self._begun.copy()
        mac.update(text.encode())
        return mac.digest()


def _spell(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode("ascii")
