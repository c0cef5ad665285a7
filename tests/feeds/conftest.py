from datetime import UTC, datetime

import pytest

from feeds.atom import Head
from feeds.entry import Entry


@pytest.fixture
def an_entry():
    """Makes an entry of the "LLM primer"; a test names only what matters to it."""

    def make(number=1, **values):
        defaults = {
            "id": f"tag:example.org,2026:primer/{number}",
            "title": f"Chapter {number}",
            "url": f"https://example.org/primer/{number}/",
            "author_name": "A. Writer",
            "published": datetime(2026, 3, number, 7, tzinfo=UTC),
            "updated": datetime(2026, 3, number, 7, tzinfo=UTC),
            "summary": "What it is about",
            "content_html": "<p>Text</p>",
            "language": "en",
        }
        return Entry(**{**defaults, **values})

    return make


@pytest.fixture
def a_head():
    """Makes the head of the feed of the "LLM primer"."""

    def make(**values):
        defaults = {
            "id": "tag:example.org,2026:primer",
            "title": "LLM primer",
            "subtitle": "In parts",
            "self_url": "https://example.org/primer/feed.atom",
            "alternate_url": "https://example.org/primer/",
            "language": "en",
            "author_name": "A. Writer",
            "author_email": "a@example.org",
            "rights": "CC BY",
            "empty_updated": datetime(2026, 1, 1, tzinfo=UTC),
            "hub": "https://hub.example/",
        }
        return Head(**{**defaults, **values})

    return make
