from datetime import UTC, datetime

import feedparser
import pytest
from lxml import etree

from feeds.form import Form
from feeds.head import Deleted
from tests.feeds.reading import ATOM, CONTENT, CREATOR, HISTORY, LANG
from tests.feeds.rules import faults


@pytest.fixture
def channel(a_document):
    """The channel of the document as a tree."""

    def make(entries=(), **values):
        return etree.fromstring(a_document(Form.RSS, entries, **values)).find("channel")

    return make


def test_the_head_says_all_that_the_feed_has_to_say(channel):
    head = channel(logo="https://example.org/l.png")

    assert head.findtext("title") == "LLM primer"
    assert head.findtext("link") == "https://example.org/primer/"
    assert head.findtext("description") == "In parts"
    assert head.findtext("language") == "en"
    assert head.findtext("copyright") == "CC BY"
    assert head.findtext("generator") == "Fascicle"
    assert head.findtext("lastBuildDate") == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert [child.text for child in head.find("image")] == [
        "https://example.org/l.png",
        "LLM primer",
        "https://example.org/primer/",
    ]


def test_a_feed_without_a_subtitle_is_described_by_its_title(channel):
    assert channel(subtitle=None).findtext("description") == "LLM primer"


def test_an_author_with_an_address_is_the_editor(channel):
    head = channel()

    assert head.findtext("managingEditor") == "a@example.org (A. Writer)"
    assert head.find(CREATOR) is None


def test_an_author_without_an_address_is_the_creator(channel):
    head = channel(author_email=None)

    assert head.find("managingEditor") is None
    assert head.findtext(CREATOR) == "A. Writer"


def test_an_item_names_its_author_once_and_without_an_address(channel, an_entry):
    item = channel([an_entry(author_email="a@example.org")]).find("item")

    assert [element.text for element in item.iter(CREATOR)] == ["A. Writer"]
    assert item.find("author") is None


def test_the_links_of_the_head_keep_their_attributes(channel):
    head = channel(prev_archive={Form.RSS: "https://example.org/1.rss"})

    assert [dict(link.attrib) for link in head.findall(f"{ATOM}link")] == [
        {"rel": "self", "type": "application/rss+xml", "href": "https://example.org/primer/feed.rss"},
        {"rel": "prev-archive", "type": "application/rss+xml", "href": "https://example.org/1.rss"},
        {"rel": "hub", "href": "https://hub.example/"},
    ]


def test_an_archive_of_another_form_is_not_mentioned(channel):
    head = channel(prev_archive={Form.ATOM: "https://example.org/1.atom"})

    assert [link.get("rel") for link in head.findall(f"{ATOM}link")] == ["self", "hub"]


def test_an_archive_says_so(a_document, an_entry):
    made = a_document(Form.RSS, [an_entry()], archive_of={Form.RSS: "https://example.org/primer/feed.rss"})

    assert faults(Form.RSS, made) == []
    assert etree.fromstring(made).find(f"channel/{HISTORY}archive") is not None


def test_a_complete_feed_says_so(a_document, an_entry):
    made = a_document(Form.RSS, [an_entry()], complete=True)

    assert faults(Form.RSS, made) == []
    assert etree.fromstring(made).find(f"channel/{HISTORY}complete") is not None


def test_titles_write_special_signs_as_the_profile_advises(a_document, an_entry):
    made = a_document(Form.RSS, [an_entry(title="A & <b>")], title="Q & A <x>")

    assert b"<title>Q &#x26; A &#x3C;x&gt;</title>" in made
    assert b"<title>A &#x26; &#x3C;b&gt;</title>" in made


def test_the_guid_is_the_id_and_no_address(channel, an_entry):
    guid = channel([an_entry(id="tag:example.org,2026:1")]).find("item/guid")

    assert (guid.text, dict(guid.attrib)) == ("tag:example.org,2026:1", {"isPermaLink": "false"})


def test_of_several_enclosures_an_item_has_the_first(channel, an_entry, an_enclosure):
    item = channel([an_entry(enclosures=(an_enclosure(), an_enclosure(url="https://example.org/2.mp3")))]).find("item")

    assert [dict(file.attrib) for file in item.findall("enclosure")] == [
        {"url": "https://example.org/media/1.mp3", "type": "audio/mpeg", "length": "123456"}
    ]


def test_a_plain_summary_is_written_as_html_and_the_text_beside_it(channel, an_entry):
    item = channel([an_entry(summary="1 < 2 & <b>3</b>", content_html="<p>Text</p>")]).find("item")

    assert item.findtext("description") == "1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;"
    assert item.findtext(CONTENT) == "<p>Text</p>"


def test_without_a_summary_the_text_is_the_description(channel, an_entry):
    item = channel([an_entry(summary="", content_html="<p>1 &lt; 2</p>")]).find("item")

    assert item.findtext("description") == "<p>1 &lt; 2</p>"
    assert item.find(CONTENT) is None


def test_a_text_that_equals_its_summary_is_not_escaped_with_it(channel, an_entry):
    item = channel([an_entry(summary="<p>x</p>", content_html="<p>x</p>")]).find("item")

    assert item.findtext("description") == "&lt;p&gt;x&lt;/p&gt;"
    assert item.findtext(CONTENT) == "<p>x</p>"


def test_an_item_says_its_language_to_parsers_that_ask(a_document, an_entry):
    parsed = feedparser.parse(a_document(Form.RSS, [an_entry(1, language="lv"), an_entry(2)]))

    assert [entry.title_detail.language for entry in parsed.entries] == ["en", "lv"]
    assert etree.fromstring(a_document(Form.RSS, [an_entry()])).find("channel/item").get(LANG) == "en"


def test_a_withdrawal_moves_the_date_though_it_cannot_be_said(channel):
    head = channel(deleted=[Deleted(datetime(2026, 5, 1, tzinfo=UTC), "urn:x:9")])

    assert head.findtext("lastBuildDate") == "Fri, 01 May 2026 00:00:00 GMT"
    assert b"urn:x:9" not in etree.tostring(head)


def test_the_grammar_notices_what_is_wrong(a_document, an_entry):
    right = a_document(Form.RSS, [an_entry()])

    assert faults(Form.RSS, right.replace(b" GMT", b" +0000"))
    assert faults(Form.RSS, right.replace(b'isPermaLink="false"', b""))
    assert faults(Form.RSS, right.replace(b"<title>Chapter 1</title>", b"<title/>"))
