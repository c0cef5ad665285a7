import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import FascicleError
from importers.order import natural
from importers.values import ImportRefused, Place, Problem, number_key

numbers = st.none() | st.text(alphabet="0123456789.ab", max_size=8) | st.text(max_size=8)


def test_ten_comes_after_nine() -> None:
    labels = ["2", "1.10", "A", "1.9", None, "1", "1.10.1"]

    assert sorted(labels, key=number_key) == [None, "1", "1.9", "1.10", "1.10.1", "2", "A"]


def test_a_label_of_thousands_of_digits_is_compared() -> None:
    assert number_key("9" * 5000) > number_key("9" * 4999)


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_parts_compare_as_integers(one: int, other: int) -> None:
    assert (number_key(f"1.{one}") < number_key(f"1.{other}")) == (one < other)


@given(numbers, numbers, numbers)
def test_any_labels_are_in_one_total_order(a: str | None, b: str | None, c: str | None) -> None:
    x, y, z = number_key(a), number_key(b), number_key(c)

    assert (x < y) + (x == y) + (x > y) == 1
    assert not (x <= y <= z) or x <= z


@given(numbers)
def test_no_label_comes_before_a_missing_one(label: str | None) -> None:
    assert number_key(None) <= number_key(label)


@given(st.text(max_size=12), st.text(max_size=12))
def test_only_equal_names_have_equal_places(one: str, other: str) -> None:
    assert (natural(one) == natural(other)) == (one == other)


def test_a_place_without_a_line_is_its_file() -> None:
    assert str(Place("drafts", None)) == "drafts"


def test_a_refusal_lists_each_problem_and_says_that_nothing_was_written() -> None:
    problem = Problem(Place("chapter-04.md", 3), "`dat` is not a key we know. Did you mean `date`?")

    refused = ImportRefused((problem, Problem(Place("drafts", None), "is odd.")))

    assert isinstance(refused, FascicleError)
    assert str(refused).splitlines() == [
        "chapter-04.md, line 3: `dat` is not a key we know. Did you mean `date`?",
        "drafts: is odd.",
        "Nothing was written; mend the above and import again.",
    ]


@pytest.mark.parametrize("first", ["part-1/chapter-9.md", "a/z.md", "B.md"])
def test_names_are_in_natural_order(first: str) -> None:
    later = {"part-1/chapter-9.md": "part-1/chapter-10.md", "a/z.md": "a b/a.md", "B.md": "c.md"}[first]

    assert natural(first) < natural(later)
