import locale
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from feeds.feedgen_mended import MendedEntry, MendedFeed

NOON = datetime(2026, 3, 5, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def entry():
    made = MendedEntry()
    made.id("urn:x:1")
    made.title("Title")
    made.updated(NOON)
    made.published(NOON)
    made.link(href="https://example.org/1/", type="text/html")
    return made


@pytest.fixture
def feed(entry):
    made = MendedFeed()
    made.id("urn:x")
    made.title("Q & A <x>")
    made.description("About & more")
    made.updated(NOON)
    made.link(href="https://example.org/", rel="alternate")
    made.link(href="https://example.org/feed.rss", rel="self")
    made.link(href="https://hub.example/", rel="hub")
    made.link(href="https://example.org/archive/1", rel="prev-archive", type="application/rss+xml")
    made.add_entry(entry)
    return made


def channel(feed):
    return etree.fromstring(feed.rss_str()).find("channel")


def test_an_entry_link_keeps_every_attribute(entry):
    attributes = {"href": "https://example.org/a.mp3", "rel": "enclosure", "type": "audio/mpeg", "hreflang": "lv",
                  "title": "Listen", "length": "123"}  # fmt: skip
    entry.link(attributes)

    alternate, enclosure = entry.atom_entry().findall("link")

    assert dict(alternate.attrib) == {"href": "https://example.org/1/", "rel": "alternate", "type": "text/html"}
    assert dict(enclosure.attrib) == attributes


def test_an_entry_takes_links_of_any_relation(entry):
    entry.link(href="https://example.org/replies", rel="replies")
    entry.link([{"href": "https://example.org/l", "rel": "license"}])

    assert [link.get("rel") for link in entry.atom_entry().findall("link")] == ["alternate", "replies", "license"]
    assert entry.rss_entry().findtext("link") == "https://example.org/1/"


def test_links_can_be_replaced(entry):
    entry.link(href="https://example.org/2/", replace=True)

    assert [link.get("href") for link in entry.atom_entry().findall("link")] == ["https://example.org/2/"]


def test_a_forgotten_date_is_an_error_and_not_the_present():
    entry = MendedEntry()
    entry.id("urn:x:2")
    entry.title("T")
    entry.link(href="https://example.org/")

    with pytest.raises(ValueError, match="updated is not set"):
        entry.atom_entry()


@pytest.mark.parametrize("render", [MendedFeed.atom_str, MendedFeed.rss_str])
def test_a_feed_without_a_date_is_an_error_too(render):
    with pytest.raises(ValueError, match="updated is not set"):
        render(MendedFeed())


def test_cdata_that_atom_does_not_know_is_refused(entry):
    with pytest.raises(ValueError, match="CDATA"):
        entry.content("x", type="CDATA")


def test_an_illegal_character_does_not_fail_the_feed(feed, entry):
    entry.title("a\x00b")
    entry.summary("\ud800")
    entry.category({"term": "\ufffe"})
    entry.rights("\x01")
    feed.subtitle("\x02")

    assert etree.fromstring(feed.atom_str()).find(f"{ATOM}entry").findtext(f"{ATOM}title") == "a\ufffdb"


def test_entries_stay_in_the_order_they_were_added(feed):
    second = feed.add_entry()
    second.id("urn:x:2")
    second.title("Second")
    second.updated(NOON)
    second.content("x")

    ids = [element.text for element in etree.fromstring(feed.atom_str()).iter(f"{ATOM}id")]
    assert ids == ["urn:x", "urn:x:1", "urn:x:2"]


def test_the_rss_channel_links_to_the_page_whatever_link_came_last(feed):
    assert channel(feed).findtext("link") == "https://example.org/"


def test_the_rss_channel_keeps_its_links_of_other_relations(feed):
    links = [(link.get("rel"), link.get("type")) for link in channel(feed).findall(f"{ATOM}link")]

    assert links == [("self", None), ("hub", None), ("prev-archive", "application/rss+xml")]


def test_rss_titles_write_special_signs_as_the_profile_advises(feed):
    assert b"<title>Q &#x26; A &#x3C;x&gt;</title>" in feed.rss_str()
    assert b"<description>About &amp; more</description>" in feed.rss_str()


def test_an_rss_author_without_an_address_is_still_named(feed, entry):
    entry.author({"name": "A. Writer"})

    assert channel(feed).findtext(f"item/{CREATOR}") == "A. Writer"
    assert feed.rss_str().count(b"xmlns:dc=") == 1


def test_an_rss_author_with_an_address_is_named_once_and_without_it(feed, entry):
    entry.author({"name": "A. Writer", "email": "a@example.org"})

    assert channel(feed).findtext(f"item/{CREATOR}") == "A. Writer"
    assert channel(feed).find("item/author") is None


def test_an_rss_channel_names_whom_feedgen_would_leave_out(feed):
    feed.author([{"name": "A. Writer"}, {"name": "B. Writer"}])

    assert [creator.text for creator in channel(feed).findall(CREATOR)] == ["A. Writer", "B. Writer"]


def test_an_rss_channel_names_an_editor_where_there_is_an_address(feed):
    feed.author({"name": "A. Writer", "email": "a@example.org"})

    assert channel(feed).findtext("managingEditor") == "a@example.org (A. Writer)"
    assert channel(feed).find(CREATOR) is None


def test_an_editor_who_is_set_stays(feed):
    feed.managingEditor("b@example.org (B. Editor)")
    feed.author({"name": "A. Writer", "email": "a@example.org"})

    assert [editor.text for editor in channel(feed).findall("managingEditor")] == ["b@example.org (B. Editor)"]


def test_the_picture_of_an_rss_channel_links_to_the_page(feed):
    feed.logo("https://example.org/l\x00.png")

    assert [child.text for child in channel(feed).find("image")] == [
        "https://example.org/l\ufffd.png", "Q & A <x>", "https://example.org/",
    ]  # fmt: skip


def test_an_rss_item_has_the_first_enclosure_and_not_the_last(feed, entry):
    entry.enclosure("https://example.org/1.mp3", 1, "audio/mpeg")
    entry.enclosure("https://example.org/2.mp3", 2, "audio/ogg")

    assert dict(channel(feed).find("item/enclosure").attrib) == {
        "url": "https://example.org/1.mp3", "length": "1", "type": "audio/mpeg",
    }  # fmt: skip


def test_an_enclosure_of_which_little_is_known_still_has_its_attributes(feed, entry):
    entry.link(href="https://example.org/1", rel="enclosure", type="application/x", length=None)

    assert channel(feed).find("item/enclosure").get("length") == "0"


def test_a_plain_summary_is_html_in_rss_and_text_in_atom(feed, entry):
    entry.summary("1 < 2 & 3", type="text")

    assert channel(feed).findtext("item/description") == "1 &lt; 2 &amp; 3"
    assert entry.atom_entry().findtext("summary") == "1 < 2 & 3"


def test_a_summary_that_is_html_already_stays_as_it_is(feed, entry):
    entry.summary("<i>x</i>", type="html")

    assert channel(feed).findtext("item/description") == "<i>x</i>"


def test_an_entry_says_its_language_in_both_forms(entry):
    entry.language = "lv"

    assert entry.atom_entry().get(LANG) == entry.rss_entry().get(LANG) == "lv"


def test_an_rss_document_declares_its_namespaces_even_for_no_items(feed):
    declared = etree.fromstring(feed.rss_str()).nsmap

    assert declared.keys() == {"atom", "content", "dc"}


def test_rss_dates_are_written_without_touching_the_locale(feed, monkeypatch):
    def refused(*_arguments):
        raise AssertionError("the locale belongs to the whole process")

    monkeypatch.setattr(locale, "setlocale", refused)

    assert channel(feed).findtext("lastBuildDate") == "Thu, 05 Mar 2026 10:00:00 GMT"
    assert channel(feed).findtext("item/pubDate") == "Thu, 05 Mar 2026 10:00:00 GMT"


def test_dates_of_any_zone_are_the_same_instant(entry):
    entry.updated(NOON.astimezone(UTC))

    assert entry.atom_entry().findtext("updated") == entry.atom_entry().findtext("published") == "2026-03-05T10:00:00Z"
