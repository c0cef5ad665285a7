from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import etree

from feeds.opml import Outline, Owner, opml_document

OWNER = Owner(name="A. Writer", email="a@example.org", url="https://example.org/")
MODIFIED = datetime(2026, 3, 5, 7, 0, 0, 5, tzinfo=UTC)


@pytest.fixture
def an_outline():
    def make(slug="primer", **values):
        defaults = {
            "title": slug.title(),
            "feed_url": f"https://example.org/{slug}/feed.atom",
            "page_url": f"https://example.org/{slug}/",
            "language": "en",
        }
        return Outline(**{**defaults, **values})

    return make


def made(*outlines, owner=OWNER, title="My serials"):
    return opml_document(title, owner, outlines, modified=MODIFIED)


def test_the_list_names_its_owner_and_when_it_changed():
    head = etree.fromstring(made()).find("head")

    assert {child.tag: child.text for child in head} == {
        "title": "My serials",
        "dateModified": "Thu, 05 Mar 2026 07:00:00 GMT",
        "ownerName": "A. Writer",
        "ownerEmail": "a@example.org",
        "ownerId": "https://example.org/",
        "docs": "https://opml.org/spec2.opml",
    }


def test_a_feed_has_what_readers_ask_for(an_outline):
    root = etree.fromstring(made(an_outline(description="In parts")))

    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert dict(root.find("body/outline").attrib) == {
        "type": "rss",
        "text": "Primer",
        "title": "Primer",
        "xmlUrl": "https://example.org/primer/feed.atom",
        "htmlUrl": "https://example.org/primer/",
        "language": "en",
        "description": "In parts",
    }


def test_feeds_stay_in_the_order_given(an_outline):
    outlines = etree.fromstring(made(an_outline("zebra"), an_outline("ant"))).iter("outline")

    assert [outline.get("text") for outline in outlines] == ["Zebra", "Ant"]


def test_an_owner_without_an_address_has_none():
    assert b"ownerEmail" not in made(owner=Owner(name="A. Writer", url="https://example.org/"))


def test_any_title_can_be_listed(an_outline):
    document = made(an_outline(title='Q & "A" <b>\n\x00\ud800🙂'), an_outline(title=" "), title="\x01")

    ElementTree.fromstring(document)
    assert [outline.get("text") for outline in etree.fromstring(document).iter("outline")] == [
        'Q & "A" <b>\n\ufffd\ufffd🙂',
        "https://example.org/primer/",
    ]


def test_a_reader_that_imports_lists_finds_the_feeds(an_outline):
    found = feedparser.parse(made(an_outline("primer"), an_outline("sequel")))

    assert not found.bozo


def test_two_lists_are_the_same_bytes(an_outline):
    assert made(an_outline()) == made(an_outline())


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="timezone"):
        opml_document("x", OWNER, [], modified=datetime(2026, 1, 1))
