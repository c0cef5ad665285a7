"""Where finished documents are kept: a port, and two adapters, a directory and object stores."""

from feeds.storage.directory import DirectoryStorage
from feeds.storage.kinds import cache_control, content_type, is_feed, is_frozen
from feeds.storage.objects import ObjectStorage
from feeds.storage.opening import SCHEMES, names_objects, open_storage
from feeds.storage.port import Storage, StorageRefused, Stored, is_plain

__all__ = [
    "SCHEMES",
    "DirectoryStorage",
    "ObjectStorage",
    "Storage",
    "StorageRefused",
    "Stored",
    "cache_control",
    "content_type",
    "is_feed",
    "is_frozen",
    "is_plain",
    "names_objects",
    "open_storage",
]
