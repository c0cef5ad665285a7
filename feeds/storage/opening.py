"""From what the configuration says to a storage."""

from pathlib import Path

from feeds.storage.directory import DirectoryStorage
from feeds.storage.objects import ObjectStorage
from feeds.storage.port import Storage
from timing.clocks import Clock, machine_now

SCHEMES = ("s3", "gs", "az")
"""How the URL of an object store may begin."""


def names_objects(url: str) -> bool:
    """Whether this is the URL of an object store; if not, it is the path of a folder."""
    scheme, separator, _ = url.partition("://")
    return bool(separator) and scheme in SCHEMES


def open_storage(url: str, *, clock: Clock = machine_now, cache_seconds: int = 60) -> Storage:
    """A folder by its path, or an object store as s3://bucket/prefix; `clock` gives machine time.

    Raises StorageRefused when the URL names no store.
    """
    if names_objects(url):
        return ObjectStorage(url, clock=clock, cache_seconds=cache_seconds)
    return DirectoryStorage(Path(url))
