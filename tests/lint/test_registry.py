"""The rules as a whole: each is explained, and each can be switched off."""

import re
from pathlib import Path

import pytest

from db.errors import BadValue
from scheduler.lint import RULES, Book, check_rule_ids
from tests.lint.making import a_book, a_chapter, a_mess, found
from tests.making import at

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "lint.md"
NOW = at("2026-03-05 12:00")


def rules_found(book: Book) -> list[str]:
    island = a_book(series="island", title="The Island")
    return [one.rule for one in found(book, island, now=NOW)]


def test_a_mess_breaks_every_rule():
    assert set(rules_found(a_mess())) == set(RULES)


def test_each_finding_has_all_its_parts():
    findings = found(a_mess(), a_book(series="island", title="The Island"), now=NOW)

    assert all(one.place and one.message and one.mend and one.series for one in findings)
    assert {one.rule: one.severity for one in findings} == {name: rule.severity for name, rule in RULES.items()}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_switched_off_is_silent_and_no_other_changes(rule: str):
    everything = rules_found(a_mess())

    assert rules_found(a_mess(off=frozenset({rule}))) == [one for one in everything if one != rule]


def test_a_rule_is_switched_off_for_one_series_only():
    quiet = a_book(a_chapter("1", "03-09", body=""), off=frozenset({"empty-body"}))
    loud = a_book(a_chapter("1", "03-09", body=""), series="island", title="The Island")

    assert [(one.series, one.rule) for one in found(quiet, loud)] == [("island", "empty-body")]


def test_known_ids_are_fine():
    check_rule_ids(RULES)


def test_an_unknown_id_is_refused_with_what_was_meant():
    with pytest.raises(BadValue, match="'broken-links' is not a rule; did you mean broken-link"):
        check_rule_ids(["gap", "broken-links"])


def test_an_id_like_no_other_is_refused_with_all_there_are():
    with pytest.raises(BadValue, match="there are announced-missing, double-booked-slot"):
        check_rule_ids(["?"])


def test_every_rule_is_explained_with_its_severity():
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)

    assert rows == [(name, rule.severity.value) for name, rule in RULES.items()]


def test_findings_come_series_by_series():
    findings = found(a_book(series="b", buffer=1), a_book(series="a", buffer=1), now=NOW)

    assert [one.series for one in findings] == ["b", "a"]
