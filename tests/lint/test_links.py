"""Chapters that lead their readers to other chapters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.states import PostState
from scheduler.lint import linking as reading
from scheduler.lint import lint
from tests.lint.making import NOW, a_book, a_chapter, a_draft, found, out, told


def linking(body: str, **values: object):
    """A book whose third chapter has this body, beside another book."""
    book = a_book(
        out("1", "01-01", slug="the-pier"),
        out("2", "01-02", slug="the-lamp"),
        a_chapter("3", "03-03", slug="the-fog", body=body),
        a_chapter("4", "03-04", slug="the-storm"),
        **values,
    )
    return book, a_book(out("1", "01-01", slug="the-hill"), series="island", title="The Island")


@pytest.mark.parametrize(
    "body",
    [
        "See [the lamp](../the-lamp/).", "See [the lamp](../the-lamp).", "See [it](/harbour/the-lamp/#end).",
        "See <https://example.org/harbour/the-lamp/>.", "See [it](https://example.org/harbour/the-lamp/?from=here).",
        "See [the hill](../../island/the-hill/).", "See [it][1].\n\n[1]: ../the-lamp/", '<a href="../the-pier/">it</a>',
        "See [all](../) and [home](/).", "See [the feed](/harbour/feed.atom).", "See [this](#end), [me](../the-fog/).",
        "See [others](https://example.com/harbour/nowhere/).", "![A boat](images/boat.png)",
        "[mail](mailto:a@b.example)",
        "See [the archive](/harbour/archive/1/2.atom) and [a file](../../media/0123/boat.png).",
        "See [odd](http://[::1).", "See [it](/HARBOUR/The%20Lamp/).", "See [it](tel:+123), [x](javascript:alert).",
    ],
)  # fmt: skip
def test_links_that_lead_somewhere_or_elsewhere(body: str):
    assert told(*linking(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        "See [the lamp](../the-lmap/).", "See [it](/harbour/nowhere/).", "See <https://example.org/harbour/nowhere/>.",
        "See [it][1].\n\n[1]: ../nowhere/", '<a href="../nowhere/">it</a>', "See [it](../nowhere/#end).",
        "See [it](http://EXAMPLE.org/harbour/nowhere).", "See [it]( <../nowhere/> 'a title').", "See [it](the-lamp/).",
        "See [a\nlamp](../nowhere/).",
        "> See [it][1].\n>\n> [1]: ../nowhere/", "See [it](../../ilsand/the-hill/).", "* [it](/island/the-lamp/)",
    ],
)  # fmt: skip
def test_links_that_lead_nowhere(body: str):
    assert told(*linking(body)) == [("broken-link", "the-fog")]


def test_a_broken_link_is_told_with_what_was_meant():
    [finding] = found(*linking("See [the lamp](../the-lmap/)."))

    assert finding.severity == "error"
    assert finding.message == (
        "the-fog links to /harbour/the-lmap/, where no post is; did you mean /harbour/the-lamp/?"
    )


def test_a_link_that_forgot_to_go_up_is_told_with_what_was_meant():
    [finding] = found(*linking("See [the lamp](the-lamp/)."))

    assert finding.message.endswith("did you mean /harbour/the-lamp/?")


@pytest.mark.parametrize(
    "body",
    [
        "Write `[it](../nowhere/)` so.",
        "```\n[it](../nowhere/)\n```",
        "    [it](../nowhere/)",
        "<!-- [it](../no-one/) -->",
    ],
)
def test_what_only_looks_like_a_link_is_none(body: str):
    assert told(*linking(body)) == []


def test_a_link_repeated_is_one_finding():
    assert told(*linking("[it](../nowhere/) and [it](/harbour/nowhere/)")) == [("broken-link", "the-fog")]


def test_a_withdrawn_post_is_gone():
    gone = a_chapter("2", slug="the-lamp", state=PostState.withdrawn)
    book = a_book(gone, a_chapter("1", "03-03", body="See [the lamp](../the-lamp/)."))

    [finding] = found(book)

    assert finding.message == "chapter-1 links to /harbour/the-lamp/, which was withdrawn"


def test_a_link_to_a_later_chapter_is_told():
    [finding] = found(*linking("See [the storm](../the-storm/)."))

    assert (finding.rule, finding.severity, finding.post) == ("link-before-release", "warning", "the-fog")
    assert finding.message == "the-fog links to /harbour/the-storm/, which comes out on 2026-03-04, after it"
    assert finding.mend.endswith("or `fascicle plan move harbour the-storm --before the-fog`")


def test_a_link_back_to_an_earlier_chapter_is_fine():
    book = a_book(a_chapter("1", "03-03"), a_chapter("2", "03-04", body="See [it](../chapter-1/)."))

    assert told(book) == []


def test_chapters_that_come_out_together_may_link_to_each_other():
    books = (
        a_book(a_chapter("1", "03-03", body="See [it](../../island/chapter-1/).")),
        a_book(a_chapter("1", "03-03", body="See [it](../../harbour/chapter-1/)."), series="island", title="Island"),
    )

    assert told(*books) == []


def test_a_link_to_a_draft_is_told():
    book = a_book(a_chapter("1", "03-03", body="See [it](../chapter-2/)."), a_draft("2"))

    [finding] = found(book)

    assert finding.message == "chapter-1 links to /harbour/chapter-2/, which is a draft, after it"
    assert finding.mend.endswith("`fascicle plan insert harbour chapter-2 --before chapter-1`")


def test_a_link_to_a_chapter_without_a_date_is_told():
    book = a_book(a_chapter("1", "03-03", body="See [it](../chapter-2/)."), a_chapter("2"))

    assert found(book)[0].message.endswith("which has no date, after it")


def test_a_chapter_that_is_out_and_links_ahead_is_told():
    book = a_book(out("1", "01-03", body="See [it](../chapter-2/)."), a_chapter("2", "03-03"))

    assert told(book) == [("link-before-release", "chapter-1")]


def test_once_both_are_out_the_order_no_longer_matters():
    book = a_book(out("1", "01-03", body="See [it](../chapter-2/)."), out("2", "01-04"))

    assert told(book) == []


def test_links_of_a_draft_are_not_looked_at():
    assert told(a_book(a_draft("1", body="See [it](../nowhere/)."))) == []


def test_a_site_below_a_path_knows_its_own_addresses():
    body = "[one](/blog/harbour/nowhere/) [two](/harbour/nowhere/) [three](../nobody/)"
    book = a_book(a_chapter("1", "03-03", body=body))

    findings = lint([book], now=NOW, site_url="https://example.org/blog/")

    assert [one.message.split(",")[0] for one in findings] == [
        "chapter-1 links to /harbour/nobody/",
        "chapter-1 links to /harbour/nowhere/",
    ]


def test_links_are_told_apart_without_knowing_the_site():
    book = a_book(a_chapter("1", "03-03", body="[it](../nowhere/)"))

    assert [one.rule for one in lint([book], now=NOW)] == ["broken-link"]


PIECES = [
    "[it](../a/)", "[]()", "[wide\nlink](../e/)", "[x](../c/ d)", "![", "[", "]", "(", ")", "../b/", "it ", "\n",
    "\n\n", "> ", "* ", "# ", "1. ", "!", "   ", "--", "*", "_",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_in_plain_text_the_quick_way_finds_what_readers_will_see(body: str):
    where = {"page": "https://example.org/harbour/the-fog/", "site": "https://example.org/"}

    quick = reading.confirmed(body, **where)

    assert quick == reading.confirmed(f"{body}\n\n`code`", **where)
    assert quick <= reading.candidates(body, **where)
