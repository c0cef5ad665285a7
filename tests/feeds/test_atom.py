from datetime import UTC, datetime
from html import unescape

import feedparser
import pytest
from lxml import etree

from feeds.form import Form
from feeds.head import Deleted
from tests.feeds.reading import ATOM, HISTORY, LANG, TOMBSTONE
from tests.feeds.rules import faults

LIVE = {Form.ATOM: "https://example.org/primer/feed.atom"}
OLDER = {Form.ATOM: "https://example.org/primer/archive/1/1.atom"}


@pytest.fixture
def tree(a_document):
    """The document as a tree; what it is made of may be named."""

    def make(entries=(), **values):
        return etree.fromstring(a_document(Form.ATOM, entries, **values))

    return make


def links(element):
    return [dict(link.attrib) for link in element.findall(f"{ATOM}link")]


def test_the_head_says_all_that_the_feed_has_to_say(a_document, an_entry):
    parsed = feedparser.parse(
        a_document(Form.ATOM, [an_entry()], icon="https://example.org/i.png", logo="https://example.org/l.png")
    )

    assert not parsed.bozo
    assert parsed.version == "atom10"
    feed = parsed.feed
    assert (feed.id, feed.title, feed.subtitle) == ("tag:example.org,2026:primer", "LLM primer", "In parts")
    assert feed.author_detail == {"name": "A. Writer", "email": "a@example.org"}
    assert (feed.rights, feed.generator, feed.language) == ("CC BY", "Fascicle", "en")
    assert (feed.icon, feed.logo) == ("https://example.org/i.png", "https://example.org/l.png")


def test_every_link_of_the_head_keeps_its_attributes(tree):
    assert links(tree(prev_archive=OLDER)) == [
        {"rel": "self", "type": "application/atom+xml", "href": "https://example.org/primer/feed.atom"},
        {"rel": "prev-archive", "type": "application/atom+xml", "href": OLDER[Form.ATOM]},
        {"rel": "hub", "href": "https://hub.example/"},
        {"rel": "alternate", "type": "text/html", "hreflang": "en", "href": "https://example.org/primer/"},
    ]


def test_every_link_of_an_entry_keeps_its_attributes(tree, an_entry, an_enclosure):
    book = an_enclosure(
        url="https://example.org/1.epub", content_type="application/epub+zip", length=7, title="The \x00 book"
    )

    entry = tree([an_entry(enclosures=(an_enclosure(), book))]).find(f"{ATOM}entry")

    assert links(entry) == [
        {"rel": "alternate", "type": "text/html", "hreflang": "en", "href": "https://example.org/primer/1/"},
        {"rel": "enclosure", "type": "audio/mpeg", "length": "123456", "href": "https://example.org/media/1.mp3"},
        {
            "rel": "enclosure",
            "type": "application/epub+zip",
            "length": "7",
            "title": "The \ufffd book",
            "href": "https://example.org/1.epub",
        },
    ]


def test_the_feed_is_as_new_as_its_newest_change(tree, an_entry):
    edited = an_entry(1, updated=datetime(2026, 4, 1, tzinfo=UTC))

    assert tree([edited, an_entry(2)]).findtext(f"{ATOM}updated") == "2026-04-01T00:00:00Z"


def test_a_withdrawal_is_a_change_too(tree, an_entry):
    gone = [Deleted(datetime(2026, 5, 1, tzinfo=UTC), "urn:x:9")]

    assert tree([an_entry()], deleted=gone).findtext(f"{ATOM}updated") == "2026-05-01T00:00:00Z"


def test_a_feed_without_entries_is_as_old_as_told(tree):
    assert tree().findtext(f"{ATOM}updated") == "2026-01-01T00:00:00Z"


def test_a_withdrawn_post_leaves_a_tombstone(a_document, an_entry):
    gone = [
        Deleted(datetime(2026, 3, 3, 5, tzinfo=UTC), "tag:example.org,2026:primer/8"),
        Deleted(datetime(2026, 3, 4, 5, tzinfo=UTC), "tag:example.org,2026:primer/9"),
    ]

    made = a_document(Form.ATOM, [an_entry()], gone)

    assert faults(Form.ATOM, made) == []
    assert [dict(stone.attrib) for stone in etree.fromstring(made).findall(TOMBSTONE)] == [
        {"ref": "tag:example.org,2026:primer/9", "when": "2026-03-04T05:00:00Z"},
        {"ref": "tag:example.org,2026:primer/8", "when": "2026-03-03T05:00:00Z"},
    ]
    assert not feedparser.parse(made).bozo


def test_an_archive_says_so_and_names_the_live_feed_but_no_hub(a_document, an_entry):
    made = a_document(Form.ATOM, [an_entry()], archive_of=LIVE, prev_archive=OLDER)

    assert faults(Form.ATOM, made) == []
    root = etree.fromstring(made)
    assert root.find(f"{HISTORY}archive") is not None
    assert [link["rel"] for link in links(root)] == ["self", "prev-archive", "current", "alternate"]


def test_a_complete_feed_says_so(a_document, an_entry):
    made = a_document(Form.ATOM, [an_entry()], complete=True)

    assert faults(Form.ATOM, made) == []
    assert etree.fromstring(made).find(f"{HISTORY}complete") is not None


def test_a_live_feed_claims_neither(tree):
    assert tree(prev_archive=OLDER).xpath("//*[contains(namespace-uri(), 'history')]") == []


@pytest.mark.parametrize("continues", [{"prev_archive": OLDER}, {"archive_of": LIVE}])
def test_a_feed_with_archives_cannot_be_complete(a_head, continues):
    with pytest.raises(ValueError, match="RFC 5005"):
        a_head(complete=True, **continues)


@pytest.mark.parametrize("form", [Form.ATOM, Form.RSS])
def test_browsers_are_told_of_the_style_sheet(form, a_document):
    made = a_document(form, stylesheet='https://example.org/"x"?a=1&b=<2>')

    instruction = etree.fromstring(made).getprevious()
    assert instruction.target == "xml-stylesheet"
    assert instruction.get("type") == "text/css"
    assert unescape(instruction.get("href")) == 'https://example.org/"x"?a=1&b=<2>'


def test_the_feed_says_its_language_and_what_made_it(tree):
    root = tree(language="pt-BR")

    assert root.get(LANG) == "pt-BR"
    assert root.findtext(f"{ATOM}generator") == "Fascicle"


def test_what_a_feed_has_not_it_does_not_mention(tree):
    root = tree(subtitle=None, rights=None, author_email=None, hub=None)

    assert {etree.QName(child).localname for child in root} == {
        "id", "title", "updated", "author", "link", "generator",
    }  # fmt: skip


def test_the_grammar_notices_what_is_wrong(a_document, an_entry):
    right = a_document(Form.ATOM, [an_entry()])

    assert faults(Form.ATOM, right.replace(b"2026-03-01T07:00:00Z", b"2026-03-01T07:00:00.5Z"))
    assert faults(Form.ATOM, right.replace(b"https://example.org/primer/1/", b"../1/"))
    assert faults(Form.ATOM, right.replace(b"<name>A. Writer</name>", b""))
    assert faults(Form.ATOM, right.replace(b"</feed>", b"<id>urn:x:2</id></feed>"))
