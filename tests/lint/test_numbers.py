"""Charlie numbers chapters by hand, and slips now and then."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.states import PostState
from scheduler.lint.numbering import missing, order_key, parts
from scheduler.lint.steps import out_of_line
from tests.lint.making import a_book, a_chapter, a_draft, found, out, told


def numbered(*labels: str | None) -> list[tuple[str, str]]:
    """Findings about chapters with these labels, a day apart."""
    return told(a_book(*(a_chapter(label, f"03-{day:02}", slug=f"p{day}") for day, label in enumerate(labels, 1))))


def test_a_number_that_lacks_between_two_is_missing():
    [finding] = found(a_book(a_chapter("1", "03-01"), a_chapter("3", "03-02")))

    assert (finding.rule, finding.severity, finding.place) == ("number-missing", "warning", "2")
    assert finding.message == "there is no 2, though there is 3"
    assert finding.mend == (
        "write it with `number: 2` and `fascicle import FOLDER --series harbour`, "
        "or `fascicle plan relabel harbour chapter-3 2 --onwards`"
    )


def test_numbers_that_lack_in_a_row_are_one_finding():
    assert numbered("1", "5", "7") == [("number-missing", "2 … 4"), ("number-missing", "6")]


def test_the_first_section_of_a_chapter_lacks_when_the_second_is_there():
    assert numbered("1.2", "2.1", "2.2") == [("number-missing", "1.1")]


def test_sections_stand_for_their_chapter():
    assert numbered("1.1", "1.2", "2.1") == []


def test_a_chapter_may_begin_with_its_head():
    assert numbered("3.0", "3.1", "3.2", "4.0") == [("number-missing", "1 … 2")]


def test_numbers_are_compared_as_numbers():
    labels = [f"1.{section}" for section in range(1, 12)]

    assert numbered(*labels) == []


def test_the_first_number_may_be_missing():
    assert numbered("2", "3", "4") == [("number-missing", "1")]


def test_a_prologue_may_be_number_nought():
    assert numbered("0", "1", "2") == []


def test_a_second_volume_may_go_on_counting():
    assert numbered("15", "16", "17") == []


def test_posts_without_a_number_do_not_count():
    assert numbered("1", None, "2", "A", None) == []


def test_a_year_given_as_a_number_is_one_finding():
    assert numbered("1", "2", "2026") == [("number-missing", "3 … 2025")]


def test_a_number_nobody_would_count_to_is_left_alone():
    assert numbered("1", "9" * 5000) == []


def test_a_draft_of_the_missing_number_is_named():
    book = a_book(a_chapter("1", "03-01"), a_draft("2", slug="the-lamp"), a_chapter("3", "03-02"))

    [finding] = found(book)

    assert finding.message == "there is no 2, though there is 3; the-lamp is a draft"
    assert finding.mend.startswith("`fascicle plan insert harbour the-lamp`, or ")


def test_a_withdrawn_chapter_of_the_missing_number_is_named():
    gone = a_chapter("2", "03-01", slug="the-lamp", state=PostState.withdrawn)

    [finding] = found(a_book(a_chapter("1", "03-01"), gone, a_chapter("3", "03-02")))

    assert finding.message.endswith("; the-lamp is withdrawn")


def test_a_number_on_two_chapters_is_repeated():
    [finding] = found(a_book(a_chapter("1", "03-01"), a_chapter("1", "03-02", slug="again")))

    assert (finding.rule, finding.severity, finding.post) == ("number-repeated", "error", "again")
    assert finding.mend == "`fascicle plan relabel harbour again 2`"


@pytest.mark.parametrize(("one", "other"), [("6", "6.0"), ("06", "6"), ("A", "A")])
def test_labels_that_mean_the_same_are_repeated(one: str, other: str):
    assert [rule for rule, _ in numbered("1", "2", "3", "4", "5", one, other)] == ["number-repeated"]


def test_a_number_thrice_is_one_finding():
    assert [rule for rule, _ in numbered("1", "1", "1")] == ["number-repeated"]


def test_a_planned_chapter_out_of_order_should_move():
    labels = ("1", "4", "2", "3")
    book = a_book(*(a_chapter(label, f"03-{day:02}") for day, label in enumerate(labels, 1)), a_chapter("5", "03-05"))

    [finding] = found(book)

    assert (finding.rule, finding.post) == ("order-against-number", "chapter-4")
    assert finding.message == "chapter-4 has the number 4, but comes before 2 (chapter-2)"
    assert finding.mend == "`fascicle plan move harbour chapter-4 --before chapter-5`"


def test_what_belongs_to_the_end_is_moved_there():
    book = a_book(a_chapter("1", "03-01"), a_chapter("4", "03-02"), a_chapter("2", "03-03"), a_chapter("3", "03-04"))

    assert found(book)[0].mend == "`fascicle plan move harbour chapter-4 --after chapter-3`"


def test_a_released_chapter_out_of_order_cannot_move_but_its_label_can_change():
    book = a_book(out("1", "01-01"), out("2", "01-02"), out("5", "01-03"), out("3", "01-04"), out("4", "01-05"))

    [finding] = found(book)

    assert (finding.rule, finding.post) == ("number-descends", "chapter-5")
    assert finding.mend.startswith("`fascicle plan relabel harbour chapter-5 NUMBER`")


def test_a_label_is_proposed_where_the_next_number_is_free():
    book = a_book(out("1", "01-01"), out("2", "01-02"), out("1", "01-03", slug="lamp"))

    assert {one.rule: one.mend for one in found(book)} == {
        "number-repeated": "`fascicle plan relabel harbour lamp 3`",
        "number-descends": "`fascicle plan relabel harbour lamp 3`; it is out and does not move",
    }


def test_between_a_released_and_a_planned_chapter_the_planned_one_is_at_fault():
    book = a_book(out("1", "01-01"), out("3", "01-02"), a_chapter("2", "03-01"))

    [finding] = found(book)

    assert (finding.rule, finding.post) == ("order-against-number", "chapter-2")
    assert "chapter-3 is out, so nothing can go before it" in finding.mend


def test_sections_follow_their_chapter():
    assert numbered("1", "1.1", "1.2", "2", "2.1") == []


@pytest.mark.parametrize(
    ("label", "number"),
    [("1.10", (1, 10)), ("6.0", (6,)), ("0", (0,)), ("4.0.1", (4, 0, 1)), ("007", (7,)), (None, None), ("", None),
     ("A", None), ("1.b", None), ("1..2", None), ("٣", None), ("1" * 10, None)],
)  # fmt: skip
def test_labels_are_read_as_whole_numbers(label: str | None, number: tuple[int, ...] | None):
    assert parts(label) == number


@given(st.lists(st.integers(1, 60), min_size=1, unique=True))
def test_what_is_missing_and_what_is_there_make_a_whole(numbers: list[int]):
    runs = missing((number,) for number in numbers)

    lacking = {number for run in runs for number in range(run.first, run.last + 1)}
    first = 1 if any(run.first == 1 for run in runs) else min(numbers)
    assert lacking | set(numbers) == set(range(first, max(numbers) + 1))
    assert not lacking & set(numbers)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=9))
def test_as_few_stand_out_as_can_be_and_as_few_of_them_are_out(chapters: list[tuple[int, bool]]):
    labels = [order_key(str(number)) for number, _ in chapters]

    strays = out_of_line(labels, [fixed for _, fixed in chapters])

    kept = [one for place, one in enumerate(chapters) if place not in strays]
    assert _worth(kept) == max(_worth(some) for some in _in_line(chapters))
    assert [number for number, _ in kept] == sorted(number for number, _ in kept)


def _in_line(chapters: list[tuple[int, bool]]) -> list[list[tuple[int, bool]]]:
    every = (list(some) for size in range(len(chapters) + 1) for some in combinations(chapters, size))
    return [some for some in every if [number for number, _ in some] == sorted(number for number, _ in some)]


def _worth(chapters: list[tuple[int, bool]]) -> tuple[int, int]:
    return len(chapters), sum(fixed for _, fixed in chapters)
