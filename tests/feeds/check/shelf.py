"""Documents in memory, as a storage gives them."""

from collections.abc import Iterator
from dataclasses import dataclass

from feeds.storage import Stored
from feeds.storage.twins import twin_of
from tests.making import NOON


@dataclass(frozen=True)
class Shelf:
    """A storage whose documents are quickly exchanged."""

    documents: dict[str, Stored]

    def write(self, path: str, body: bytes) -> bool:
        self.documents[path] = Stored.of(body, twin_of(body), NOON)
        return True

    def read(self, path: str) -> Stored | None:
        return self.documents.get(path)

    def delete(self, path: str) -> bool:
        return self.documents.pop(path, None) is not None

    def paths(self, folder: str = "") -> Iterator[str]:
        return (path for path in sorted(self.documents) if path.startswith(folder))
