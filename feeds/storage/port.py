"""What the rest of the program may ask of a storage, and what it gets."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from db.errors import FascicleError
from feeds.storage.twins import belongs

TWIN = ".gz"
"""What the name of a document's compressed twin ends with; web servers look for this very name."""


@dataclass(frozen=True)
class Stored:
    """A document: its bytes, the same compressed (None where that saves nothing), SHA-256 in hex, when it changed."""

    body: bytes
    gzipped: bytes | None
    digest: str
    modified: datetime

    @classmethod
    def of(cls, body: bytes, twin: bytes | None, modified: datetime) -> "Stored":
        """With a twin only if it holds this body: in the moment of a change one of the two may be the next one."""
        gzipped = twin if twin is not None and belongs(twin, body) else None
        return cls(body, gzipped, hashlib.sha256(body).hexdigest(), modified)


class Storage(Protocol):
    """Keeps documents by relative path as "llm-primer/feed.atom"; each method may raise StorageRefused."""

    def write(self, path: str, body: bytes) -> bool:
        """Stores the whole body and its compressed twin; False when the stored bytes are already the same."""

    def read(self, path: str) -> Stored | None:
        """The stored document, or None where there is none. Cheap as long as nothing changes."""

    def delete(self, path: str) -> bool:
        """Removes the document; False where there is none."""

    def paths(self, folder: str = "") -> Iterator[str]:
        """The paths of all documents, or of those below a folder, in order; twins are not named."""


class StorageRefused(FascicleError):
    """A document could not be stored, read or removed; carries `path` and `reason`."""

    def __init__(self, path: str, reason: str, *, now: str) -> None:
        super().__init__(f"feed storage: {path!r}: {reason}; {now}")
        self.path = path
        self.reason = reason


def is_plain(path: str) -> bool:
    """Whether a document may have this path: no empty or hidden parts, nothing that a file system reads otherwise."""
    parts = path.split("/")
    named = all(part and not part.startswith(".") for part in parts)
    return named and path.isprintable() and "\\" not in path and not path.endswith(TWIN)


def check_plain(path: str) -> None:
    if not is_plain(path):
        raise StorageRefused(path, "is not a plain relative path", now="name a document below the storage's root")
