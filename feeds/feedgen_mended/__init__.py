"""feedgen 1.0.0 without the faults that a publisher meets; each is mended here, nowhere else."""

from feeds.feedgen_mended.elements import RSS_NAMESPACES, rss_titles
from feeds.feedgen_mended.entry import MendedEntry
from feeds.feedgen_mended.feed import MendedFeed
from feeds.feedgen_mended.texts import cleaned

__all__ = ["RSS_NAMESPACES", "MendedEntry", "MendedFeed", "cleaned", "rss_titles"]
