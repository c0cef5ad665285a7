"""Whatever people write, over all of Unicode: each document is one that strict parsers take, with every post in it."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feeds.entry import Enclosure
from feeds.form import Form
from feeds.head import Deleted
from feeds.opml import Outline, Owner, opml_document
from tests.feeds.reading import seen, seen_by_feedparser
from tests.feeds.rules import faults
from text.clean import clean
from text.markdown import Links, feed_html

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
_SIGNS = st.sampled_from(["<p>", "</p>", "<b ", "&amp;", "&", "]]>", "<!--", "<![CDATA[", "</entry>", "\r", "🙂"])
MARKUP = st.lists(_SIGNS | ANY_TEXT, max_size=12).map("".join)
INSTANT = datetime(2026, 3, 9, tzinfo=UTC)
LINKS = Links("https://example.org/primer/1/", {})

over_all_of_unicode = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@over_all_of_unicode
@given(title=ANY_TEXT, body=MARKUP, summary=MARKUP, tag=ANY_TEXT, name=ANY_TEXT, full=st.booleans())
@example(title="</title>", body="</entry>", summary="</item>", tag="\n", name="\x85", full=True)
@example(title="\x00", body="\x00", summary="\x00", tag="\x00", name="\x00", full=False)
def test_no_text_breaks_a_document_or_loses_a_post(form, a_document, an_entry, title, body, summary, tag, name, full):
    file = Enclosure(url="https://example.org/1.mp3", content_type="audio/mpeg", length=1, title=title)
    odd = an_entry(
        1, title=title, content_html=body, summary=summary, tags=(tag, title), author_name=name,
        series_title=tag, enclosures=(file,), full_text=full,
    )  # fmt: skip
    gone = [Deleted(INSTANT, "urn:x:9")]

    made = a_document(form, [odd, an_entry(2)], gone, title=title, subtitle=summary, rights=tag, author_name=name)

    assert faults(form, made) == []
    assert [entry.id for entry in seen(form, made)] == [an_entry(2).id, an_entry(1).id]


@over_all_of_unicode
@given(title=ANY_TEXT.filter(lambda text: clean(text).strip()), body=MARKUP, summary=MARKUP.filter(str.strip))
def test_what_was_written_arrives_as_it_is_but_for_what_xml_cannot_carry(
    form, a_document, an_entry, title, body, summary
):
    found = seen(form, a_document(form, [an_entry(title=title, content_html=body, summary=summary)]))[0]

    assert found.title == clean(title)
    assert (found.content or "") == clean(body)


@over_all_of_unicode
@given(written=MARKUP)
def test_no_markdown_breaks_a_document(form, a_document, an_entry, written):
    content = feed_html(written, LINKS)

    found = seen(form, a_document(form, [an_entry(content_html=content)]))

    assert [entry.content or "" for entry in found] == [content]


# feedparser takes C1 controls for Windows-1252, and Latin-1 text that would also be UTF-8 ("Â¡") for UTF-8 misread;
# without U+0080 to U+00BF neither happens. The tests above show that these, too, are written as they are.
UNAMBIGUOUS = st.text(
    st.characters(exclude_characters="".join(map(chr, range(0x7F, 0xC0))), exclude_categories=()), max_size=60
)


@over_all_of_unicode
@given(title=UNAMBIGUOUS.filter(lambda text: clean(text).strip()))
def test_a_title_reaches_the_reader_as_it_was_written(a_document, an_entry, title):
    found = seen_by_feedparser(a_document(Form.ATOM, [an_entry(title=title)]))

    assert found[0].title.split() == clean(title).split()


@over_all_of_unicode
@given(title=ANY_TEXT, name=ANY_TEXT)
def test_no_text_breaks_a_list_of_feeds(title, name):
    outline = Outline(
        title=title, feed_url="https://example.org/feed.atom", page_url="https://example.org/", language="en"
    )

    document = opml_document(title, Owner(name=name, url="https://example.org/"), [outline], modified=INSTANT)

    assert b"https://example.org/feed.atom" in document
    assert not document.count(b"\x00")
