"""Keys for DKIM signatures: made, read, and as the DNS shows them (RFC 6376, 3.6.1; RFC 8463, 4)."""

import base64
import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from db.errors import BadValue

RSA_BITS = 2048
_MOST_BITS = 4096  # receivers need not read longer ones, RFC 8301, 3.2
_CHARACTERS = 255  # in one string of a TXT record, RFC 1035, 3.3

Private = RSAPrivateKey | Ed25519PrivateKey


class Kind(StrEnum):
    rsa = "rsa"
    ed25519 = "ed25519"


@dataclass(frozen=True, kw_only=True)
class Key:
    """A private key under its name in the DNS; `domain` as A-labels. In use from `since` on and before `until`."""

    domain: str
    selector: str
    private: Private
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def kind(self) -> Kind:
        return Kind.rsa if isinstance(self.private, RSAPrivateKey) else Kind.ed25519

    @property
    def algorithm(self) -> str:
        """As `a=` names it."""
        return f"{self.kind}-sha256"

    def in_use(self, at: dt.datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def sign(self, content: bytes) -> bytes:
        """Always the same signature for the same content."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(content, PKCS1v15(), SHA256())
        return self.private.sign(hashlib.sha256(content).digest())

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The text of the TXT record that receivers look up."""
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(self._public()).decode('ascii')}"

    def _public(self) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.private.public_key().public_bytes_raw()


def zone_line(key: Key) -> str:
    """The record as a line for a zone file (RFC 1035, 5.1), in strings of at most 255 characters."""
    text = key.record
    strings = [text[start : start + _CHARACTERS] for start in range(0, len(text), _CHARACTERS)]
    return f"{key.record_name}. IN TXT ( " + " ".join(f'"{string}"' for string in strings) + " )"


def new_private(kind: Kind) -> Private:
    return Ed25519PrivateKey.generate() if kind is Kind.ed25519 else generate_private_key(65537, RSA_BITS)


def write_private(path: Path, private: Private) -> None:
    """Write a new file that only its owner can read. Raises BadValue where there is a file already, or none can be."""
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadValue(f"{path}: is there already and is left as it is; choose another selector") from None
    except OSError as error:
        raise BadValue(f"{path}: cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def read_private(path: Path) -> Private:
    """The key in a PEM file. Raises BadValue, beginning with the path, for what letters cannot be signed with."""
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise BadValue(f"{path}: no such file; `fascicle dkim new` makes one") from None
    except OSError as error:
        raise BadValue(f"{path}: cannot be read: {error.strerror}") from None
    except TypeError:
        raise BadValue(f"{path}: is locked with a password; keep the key without one, readable by you alone") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadValue(f"{path}: not a private key in PEM; `fascicle dkim new` makes one") from None
    if isinstance(private, Ed25519PrivateKey):
        return private
    if not isinstance(private, RSAPrivateKey):
        raise BadValue(f"{path}: the key is neither RSA nor Ed25519; `fascicle dkim new` makes one")
    if not RSA_BITS <= private.key_size <= _MOST_BITS:
        raise BadValue(f"{path}: an RSA key of {private.key_size} bits; use {RSA_BITS} to {_MOST_BITS}")
    return private
