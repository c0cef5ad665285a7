import random
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import html as lxml_html

from feeds.document import document
from feeds.form import Form
from feeds.fragment import fragment, piece
from tests.feeds.reading import Seen, seen, seen_by_feedparser
from tests.feeds.rules import faults
from text.markdown import Links, feed_html

XML_FORMS = [Form.ATOM, Form.RSS]
HARD = (
    "<p>1 &lt; 2 &amp;&amp; ]]&gt; ]]> 🙂 <bdi>עברית ﷽</bdi> 日本語\u00a0\u200b\u2028|&nbsp;|\t</p>\n"
    '<a href="https://example.org/?a=1&amp;b=2">x</a>\n\n<pre>  a\n   b</pre>'
)
LONG_AGO = timezone(timedelta(hours=1, minutes=36, seconds=34))


def test_every_document_keeps_the_rules_of_its_form(form, a_document, an_entry, an_enclosure):
    entry = an_entry(enclosures=(an_enclosure(),), tags=("nlp",), title="Q & A <b>", summary="1 < 2 & 3")

    assert faults(form, a_document(form, [entry])) == []


@pytest.mark.parametrize("count", [0, 1, 20, 1000])
def test_a_feed_of_any_length_keeps_the_rules_and_has_all_its_entries(form, count, a_document, an_entry):
    start = datetime(2020, 1, 1, tzinfo=UTC)
    entries = [an_entry(1, id=f"urn:x:{at}", published=start + timedelta(days=at)) for at in range(count)]

    made = a_document(form, entries)

    assert faults(form, made) == []
    assert [entry.id for entry in seen(form, made)] == [f"urn:x:{at}" for at in reversed(range(count))]


def test_a_reader_finds_every_value_in_its_field(form, a_document, an_entry):
    instant, edited = datetime(2026, 3, 5, 7, tzinfo=UTC), datetime(2026, 3, 6, 8, 30, 1, tzinfo=UTC)
    entry = an_entry(
        title="Q & A", summary="1 < 2 & 3", content_html=HARD, tags=("math", "nlp", "math", " "), language="lv",
        published=instant, updated=edited, author_name="B. Writer",
    )  # fmt: skip

    found = seen(form, a_document(form, [entry]))

    assert found == [
        Seen(
            id=entry.id,
            title="Q & A",
            url=entry.url,
            author="B. Writer",
            published=instant,
            updated=None if form is Form.RSS else edited,
            summary="1 < 2 & 3",
            content=HARD,
            tags=("math", "nlp"),
            language="lv",
        )
    ]


@pytest.mark.parametrize("form", XML_FORMS)
def test_another_parser_finds_the_same(form, a_document, an_entry):
    entries = [
        an_entry(1, title="Q & A", summary="1 < 2 & 3", content_html='<p>Text <a href="https://example.org">x</a></p>'),
        an_entry(2, tags=("math", "nlp"), language="lv", author_name="B. Writer", author_email="b@example.org"),
    ]

    made = a_document(form, entries)

    assert seen_by_feedparser(made) == seen(form, made)


def test_long_text_arrives_byte_for_byte(form, a_document, an_entry):
    content = HARD * (100_000 // len(HARD))

    assert seen(form, a_document(form, [an_entry(content_html=content)]))[0].content == content


def test_deeply_nested_text_arrives_byte_for_byte(form, a_document, an_entry):
    content = "<div>" * 10_000 + "x" + "</div>" * 10_000

    assert seen(form, a_document(form, [an_entry(content_html=content)]))[0].content == content


def test_a_character_that_xml_cannot_carry_drops_nothing_else(form, a_document, an_entry):
    made = a_document(form, [an_entry(title="a\x00b", content_html="c\ufffed\ud800e\r\nf"), an_entry(2)])

    assert faults(form, made) == []
    assert seen(form, made)[1].title == "a\ufffdb"
    assert seen(form, made)[1].content == "c\ufffdd\ufffde\nf"


def test_entries_come_newest_first_and_ties_always_in_the_same_order(form, a_document, an_entry):
    same = datetime(2026, 3, 5, tzinfo=UTC)
    entries = [an_entry(1), an_entry(2), an_entry(3, published=same), an_entry(4, published=same)]
    shuffled = random.Random(7).sample(entries, 4)

    made = a_document(form, shuffled)

    assert made == a_document(form, entries)
    assert [entry.id[-1] for entry in seen(form, made)] == ["4", "3", "2", "1"]


def test_a_post_written_long_before_its_release_says_only_when_it_was_released(form, a_document, an_entry):
    made = a_document(form, [an_entry(updated=datetime(2025, 1, 1, tzinfo=UTC))])

    assert b"2025" not in made
    assert seen(form, made)[0].published == datetime(2026, 3, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("field", ["published", "updated"])
def test_a_naive_instant_is_refused(form, field, a_document, an_entry):
    with pytest.raises((ValueError, TypeError), match=r"timezone|naive"):
        a_document(form, [an_entry(**{field: datetime(2030, 3, 1)})])


def test_dates_of_any_zone_are_written_in_utc_without_fractions(form, a_document, an_entry):
    instant = datetime(2026, 3, 1, 8, 36, 34, 999_999, tzinfo=LONG_AGO)

    made = a_document(form, [an_entry(published=instant, updated=instant)])

    assert faults(form, made) == []
    assert seen(form, made)[0].published == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_an_untitled_post_is_called_by_its_date(form, a_document, an_entry):
    assert seen(form, a_document(form, [an_entry(title=" \n")]))[0].title == "2026-03-01"


def test_in_a_mixed_feed_a_title_begins_with_its_series(form, a_document, an_entry):
    assert seen(form, a_document(form, [an_entry(series_title="LLM primer")]))[0].title == "LLM primer: Chapter 1"


def test_a_feed_and_an_author_without_a_name_get_one(form, a_document, an_entry):
    made = a_document(form, [an_entry(author_name=" ")], title=" ", author_name="")

    assert faults(form, made) == []
    assert seen(form, made)[0].author == "example.org"


def test_an_address_that_is_none_is_left_out(form, a_document, an_entry):
    made = a_document(form, [an_entry(author_email="nobody")], author_email="nobody")

    assert faults(form, made) == []
    assert b"nobody" not in made


def test_each_entry_says_its_language(form, a_document, an_entry):
    assert [entry.language for entry in seen(form, a_document(form, [an_entry(1, language="lv"), an_entry(2)]))] == [
        "en",
        "lv",
    ]


def test_a_post_without_a_summary_has_its_text(form, a_document, an_entry):
    made = a_document(form, [an_entry(summary=" \n", content_html="<p>All of it</p>")])

    assert faults(form, made) == []
    assert "All of it" in made.decode()


def test_a_feed_of_summaries_has_no_text(form, a_document, an_entry):
    made = a_document(form, [an_entry(summary="In short", content_html="<p>All of it</p>", full_text=False)])

    assert faults(form, made) == []
    assert "All of it" not in made.decode()
    assert seen(form, made)[0].content is None
    assert seen(form, made)[0].summary == "In short"


def test_a_feed_of_summaries_keeps_a_post_that_has_none(form, a_document, an_entry):
    made = a_document(form, [an_entry(summary="", full_text=False)])

    assert faults(form, made) == []
    assert seen(form, made)[0].title == "Chapter 1"


def test_a_post_has_the_same_id_in_every_form_and_after_every_move(a_document, an_entry):
    before = an_entry(id="tag:old.example,2019:a&b")
    after = an_entry(id="tag:old.example,2019:a&b", title="New", url="https://new.example/x/", language="lv")

    made = [(form, a_document(form, [entry])) for form in Form for entry in (before, after)]

    assert {seen(form, one)[0].id for form, one in made} == {"tag:old.example,2019:a&b"}


def test_an_edit_moves_text_and_update_but_neither_id_nor_publication(form, a_document, an_entry):
    edited = an_entry(content_html="<p>New</p>", updated=datetime(2026, 4, 1, tzinfo=UTC))

    before, after = seen(form, a_document(form, [an_entry()]))[0], seen(form, a_document(form, [edited]))[0]

    assert (after.id, after.published, after.content) == (before.id, before.published, "<p>New</p>")


def test_what_an_author_writes_arrives_harmless_and_with_absolute_addresses(form, a_document, an_entry):
    written = '<script>x()</script>\n\n<a href="../2/" onclick="x()">y</a> ![cat](cat.png) [z](<javascript:x()>)'
    links = Links("https://example.org/primer/1/", {"cat.png": "https://example.org/media/aa/cat.png"})

    made = a_document(form, [an_entry(content_html=feed_html(written, links))])

    tree = lxml_html.fromstring(seen(form, made)[0].content)
    assert tree.xpath("//script | //@onclick") == []
    assert tree.xpath("//@href | //@src") == ["https://example.org/primer/2/", "https://example.org/media/aa/cat.png"]


def test_documents_are_joined_from_kept_fragments(form, a_head, a_document, an_entry):
    entries = [an_entry(1), an_entry(2)]
    kept = [piece(entry, fragment(form, entry)) for entry in entries]

    assert document(form, a_head(), kept) == a_document(form, entries)


def test_a_head_without_an_address_of_the_form_is_an_error(form, a_document):
    with pytest.raises(KeyError):
        a_document(form, urls={})
