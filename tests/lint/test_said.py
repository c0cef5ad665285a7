"""Findings in another language: all that they say is said, the commands of their mends aside."""

import pytest

from scheduler.lint import RULES, Book, rule_named
from templates.languages import words_of
from tests.lint.making import a_book, a_chapter, a_draft, a_mess, every_day, found, out
from tests.making import at
from tests.web.pseudo import bare_words, pseudo

NOW = at("2026-03-05 12:00")
CLOSED = a_book(*(out(str(number), "03-01") for number in (1, 2)))
LATE = a_book(a_chapter("1", "03-02", slug="c1"), held="ἑορτή")
PROMISED = a_book(a_chapter("1", "03-06", slug="c1"), announced_count=4, cadence=every_day("2026-03-06"))
SCATTERED = a_book(
    out("1", "02-01", slug="c1"), a_draft("3", slug="c3"), a_chapter("5", "03-09", slug="c5"), cadence=every_day()
)


@pytest.mark.parametrize("book", [a_mess(), CLOSED, LATE, PROMISED, SCATTERED])
def test_all_that_findings_say_is_said_in_another_language(book: Book):
    brackets = pseudo("tlh")

    said = [part for one in found(book, now=NOW) for part in (one.message, one.mend, one.place)]

    told = [part.in_language(brackets) if hasattr(part, "in_language") else part for part in said]
    assert set().union(*map(bare_words, told)) <= {
        "late",
        "ten",
        "UTC",
        "Twelfth",
        "Ninth",
        "post",
        "Chapter",
        "of",
        "The",
    }


def test_a_page_names_no_command():
    told = [one.mend.in_language(words_of("en")) for one in found(a_mess(), now=NOW)]  # type: ignore[attr-defined]

    assert not [mend for mend in told if "fascicle" in mend or "`" in mend]


def test_a_finding_in_german():
    [finding] = found(a_book(a_chapter("1", "03-08", slug="c1"), a_chapter("3", "03-09", slug="c3")), now=NOW)
    german = words_of("de")

    assert finding.message.in_language(german) == "2 fehlt, obwohl es 3 gibt"  # type: ignore[attr-defined]
    told = finding.mend.in_language(german)  # type: ignore[attr-defined]
    assert told == "Kapitel 2 schreiben oder c3 und alle danach von 2 an nummerieren"


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_name_for_pages(rule: str):
    assert bare_words(rule_named(rule).in_language(pseudo("tlh"))) == set()  # type: ignore[attr-defined]
