"""Posts without words, and too few of them waiting."""

import pytest

from tests.lint.making import a_book, a_chapter, a_draft, found, out, told
from tests.making import at


@pytest.mark.parametrize("nothing", ["", "  \n\t"])
def test_an_empty_body_is_told(nothing: str):
    [finding] = found(a_book(a_chapter("1", "03-02", body=nothing)))

    assert (finding.rule, finding.severity, finding.post) == ("empty-body", "error", "chapter-1")


def test_an_empty_summary_is_told():
    [finding] = found(a_book(a_chapter("1", "03-02", summary="")))

    assert (finding.rule, finding.severity, finding.message) == (
        "empty-summary",
        "warning",
        "chapter-1 has an empty summary",
    )


def test_a_draft_may_be_empty():
    assert told(a_book(a_draft("1", body="", summary=""))) == []


def test_too_few_waiting_posts_are_told():
    book = a_book(out("1", "01-01"), a_chapter("2", "03-02"), buffer=3)

    [finding] = found(book)

    assert (finding.rule, finding.severity, finding.place) == ("buffer", "note", "buffer")
    assert finding.message == "1 post waits with a date ahead; the series wants 3"
    assert finding.mend == "write 2 more and `fascicle import FOLDER --series harbour`"


def test_enough_waiting_posts_are_enough():
    assert told(a_book(a_chapter("1", "03-02"), a_chapter("2", "03-03"), buffer=2)) == []


def test_what_should_be_out_already_does_not_wait():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-09"), buffer=2)

    assert ("buffer", "buffer") in told(book, now=at("2026-03-03 12:00"))


def test_what_has_no_date_does_not_wait():
    assert told(a_book(a_chapter("1"), buffer=1)) == [("buffer", "buffer")]


def test_without_a_buffer_a_serial_may_run_dry():
    assert told(a_book(out("1", "01-01"))) == []


def test_a_serial_that_is_complete_needs_no_buffer():
    assert told(a_book(out("1", "01-01"), out("2", "01-02"), announced_count=2, buffer=5)) == []


def test_a_serial_that_lacks_announced_chapters_does():
    rules = [rule for rule, _ in told(a_book(out("1", "01-01"), announced_count=2, buffer=5))]

    assert rules == ["announced-missing", "buffer"]
