from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feeds.ended import Ended, ended_entry, ended_id
from feeds.form import Form
from feeds.ingredients import fragment_key
from tests.feeds.reading import seen
from tests.feeds.rules import faults

SERIES = Ended(
    id="tag:example.org,2026:primer",
    title="Q & <A>",
    url="https://example.org/primer/?a=1&b=2",
    author_name="A. Writer",
    ended_at=datetime(2026, 6, 1, 7, tzinfo=UTC),
    chapters=30,
)


def test_a_series_that_has_ended_says_so_in_a_last_entry(form, a_document, an_entry):
    made = a_document(form, [an_entry(), ended_entry(SERIES).entry()])

    assert faults(form, made) == []
    last = seen(form, made)[0]
    assert (last.id, last.title) == ("tag:example.org,2026:primer#ended", "The series has ended")
    assert last.published == SERIES.ended_at
    assert last.summary == "All 30 chapters are out. Nothing more will come in this series."
    assert '<a href="https://example.org/primer/?a=1&amp;b=2"><cite>Q &amp; &lt;A&gt;</cite></a>' in last.content


def test_in_a_mixed_feed_it_says_which_series():
    assert ended_entry(SERIES, mixed=True).shown_title == "Q & <A>: The series has ended"


def test_its_words_are_in_english_and_it_says_so(a_document):
    made = a_document(Form.ATOM, [ended_entry(SERIES).entry()], language="lv")

    assert seen(Form.ATOM, made)[0].language == "en"


def test_a_single_chapter_is_counted_as_one_counts():
    assert ended_entry(replace(SERIES, chapters=1)).summary.startswith("Its only chapter is out.")


@pytest.mark.parametrize(
    ("series", "entry"),
    [("urn:x", "urn:x#ended"), ("https://old.example/#feed", "https://old.example/#feed-ended")],
)
def test_its_id_is_an_address_of_its_own(series, entry):
    assert ended_id(series) == entry


def test_its_key_moves_with_its_words():
    renamed = replace(SERIES, title="New")

    assert fragment_key(Form.ATOM, ended_entry(SERIES)) == fragment_key(Form.ATOM, ended_entry(replace(SERIES)))
    assert fragment_key(Form.ATOM, ended_entry(SERIES)) != fragment_key(Form.ATOM, ended_entry(renamed))


def test_in_a_feed_of_summaries_it_has_its_summary_only():
    assert ended_entry(SERIES, full_text=False).entry().content_html == ""
