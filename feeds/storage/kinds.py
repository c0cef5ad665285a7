"""What a document's path says about it: its media type, and how long caches may keep it."""

import re

_TYPES = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
    "opml": "text/x-opml",
    "css": "text/css",
}
_FEED = re.compile(r"\.(atom|rss|json)$")
_FROZEN = re.compile(r"(^|/)archive/[^/]+/[^/]+\.atom$")


def content_type(path: str) -> str:
    """The media type with its charset, since some readers guess otherwise."""
    return f"{_TYPES.get(path.rpartition('.')[2], 'application/octet-stream')}; charset=utf-8"


def is_feed(path: str) -> bool:
    return _FEED.search(path) is not None


def is_frozen(path: str) -> bool:
    """Whether a document never changes once written: archives get a new generation, and with it a new path."""
    return _FROZEN.search(path) is not None


def cache_control(path: str, *, seconds: int) -> str:
    """How long caches may answer without asking: `seconds`, or for ever what is frozen (RFC 8246)."""
    if is_frozen(path):
        return "public, max-age=31536000, immutable"
    return f"public, max-age={seconds}, must-revalidate" if seconds else "no-cache"
