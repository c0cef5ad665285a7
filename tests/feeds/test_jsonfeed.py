import json
from datetime import UTC, datetime

import pytest

from feeds.form import Form
from feeds.head import Deleted
from tests.feeds.rules import faults


@pytest.fixture
def feed(a_document):
    """The document as its values."""

    def make(entries=(), **values):
        return json.loads(a_document(Form.JSON, entries, **values))

    return make


def test_the_head_says_all_that_the_feed_has_to_say(feed):
    assert feed(icon="https://example.org/i.png", logo="https://example.org/l.png", ended=True) == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "LLM primer",
        "home_page_url": "https://example.org/primer/",
        "feed_url": "https://example.org/primer/feed.json",
        "description": "In parts",
        "user_comment": "This is a feed. Give its address to a feed reader, and what is new comes to you: "
        "https://example.org/primer/feed.json",
        "icon": "https://example.org/l.png",
        "favicon": "https://example.org/i.png",
        "authors": [{"name": "A. Writer"}],
        "language": "en",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "expired": True,
        "items": [],
    }


def test_what_a_feed_has_not_it_does_not_mention(feed):
    assert feed(subtitle=None, hub=None).keys().isdisjoint({"description", "hubs", "icon", "favicon", "expired"})


def test_an_item_has_every_value(feed, an_entry, an_enclosure):
    entry = an_entry(
        tags=("math", "nlp", "math"),
        updated=datetime(2026, 3, 2, 8, tzinfo=UTC),
        enclosures=(an_enclosure(), an_enclosure(url="https://example.org/2.mp3", title="Second")),
    )

    assert feed([entry])["items"] == [
        {
            "id": "tag:example.org,2026:primer/1",
            "url": "https://example.org/primer/1/",
            "title": "Chapter 1",
            "content_html": "<p>Text</p>",
            "summary": "What it is about",
            "date_published": "2026-03-01T07:00:00Z",
            "date_modified": "2026-03-02T08:00:00Z",
            "authors": [{"name": "A. Writer"}],
            "tags": ["math", "nlp"],
            "language": "en",
            "attachments": [
                {"url": "https://example.org/media/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 123456},
                {
                    "url": "https://example.org/2.mp3",
                    "mime_type": "audio/mpeg",
                    "title": "Second",
                    "size_in_bytes": 123456,
                },
            ],
        }
    ]


def test_an_empty_text_is_still_a_text(a_document, an_entry):
    made = a_document(Form.JSON, [an_entry(content_html="")])

    assert faults(Form.JSON, made) == []
    assert json.loads(made)["items"][0]["content_html"] == ""


def test_what_the_form_has_no_word_for_leaves_a_valid_document(a_document, an_entry):
    made = a_document(
        Form.JSON,
        [an_entry()],
        [Deleted(datetime(2026, 5, 1, tzinfo=UTC), "urn:x:9")],
        prev_archive={Form.ATOM: "https://example.org/1.atom"},
    )

    assert faults(Form.JSON, made) == []


def test_the_rules_notice_what_is_wrong(a_document, an_entry):
    right = a_document(Form.JSON, [an_entry()])

    assert faults(Form.JSON, right.replace(b"content_html", b"content"))
    assert faults(Form.JSON, right.replace(b"version/1.1", b"version/1"))
    assert faults(Form.JSON, right.replace(b'"date_published":"2026-03-01T07:00:00Z"', b'"date_published":"today"'))
