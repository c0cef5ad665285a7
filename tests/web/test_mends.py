"""The commands that lint names as mends, as edits that pages offer."""

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from scheduler.lint import Finding, Severity, read_books
from scheduler.lint import lint as look
from tests.lint.listing import bring_in
from tests.making import a_house, at
from tests.web.making import Shop
from web.operator.edits import Asked, edit_of
from web.operator.mends import mends_of, quietable


def a_finding(mend: str, **more: str) -> Finding:
    said = {"rule": "gap", "series": "primer", "place": "2026-03-06", "message": "no post"} | more
    return Finding(severity=Severity.warning, post=None, mend=mend, **said)


@pytest.mark.parametrize(
    ("mend", "fields"),
    [
        ('`fascicle plan pin primer c1 "2026-03-06 07:00"`', "what=pin&post=c1&date=2026-03-06&time=07:00"),
        ("`fascicle plan pin primer c1 2026-03-06`", "what=pin&post=c1&date=2026-03-06&time="),
        ("`fascicle plan insert primer c1`, or announce it", "what=insert&post=c1"),
        ("`fascicle plan insert primer c1 --before c2`", "what=insert&post=c1&other=c2&place=before"),
        ("`fascicle plan move primer c1 --after c2`", "what=beside&post=c1&other=c2&place=after"),
        ("`fascicle plan relabel primer c1 7`; it is out", "what=relabel&post=c1&number=7"),
        ("`fascicle plan relabel primer c1 7 --onwards`", "what=relabel&post=c1&number=7&onwards=onwards"),
        ("`fascicle plan reflow primer` gives new moments", "what=reflow"),
        ("`fascicle series unhold primer` lets it out, late", "what=unhold"),
    ],
)
def test_a_command_is_an_edit(mend: str, fields: str):
    [found] = mends_of(a_finding(mend))

    assert list(found.items()) == parse_qsl(fields, keep_blank_values=True)


@pytest.mark.parametrize(
    "mend",
    [
        "`fascicle import FOLDER --series primer` with a post for `date: 2026-03-06`",
        "give c1 a day of its own with `fascicle plan pin`",
        "`fascicle plan relabel primer c1 NUMBER`",
        "`fascicle plan pin other c1 2026-03-06`",
        "`fascicle release` brings it out late",
        "tell your readers",
    ],
)
def test_what_a_person_has_to_do_is_no_edit(mend: str):
    assert mends_of(a_finding(mend)) == []


def test_two_ways_are_two_edits():
    found = mends_of(a_finding("`fascicle series unhold primer` lets it out; `fascicle plan reflow primer` does not"))

    assert [mend["what"] for mend in found] == ["unhold", "reflow"]


def test_a_finding_says_whether_its_rule_may_be_switched_off():
    assert quietable(a_finding("none, they are out; `fascicle series set primer --lint-off gap` if that was meant"))
    assert not quietable(a_finding("`fascicle series set primer --lint-off buffer`"))


BEFOREHAND = at("2024-08-01 12:00")


def test_every_plan_command_that_lint_names_for_a_real_listing_is_understood(shop: Shop, tmp_path: Path):
    a_house(shop.store, now=BEFOREHAND)
    with shop.store.writing() as session:
        bring_in(session, tmp_path, now=BEFOREHAND)
        findings = look(read_books(session), now=BEFOREHAND)
    named = [words for one in findings for words in re.findall(r"`fascicle plan ([^`]+)`", one.mend)]

    mends = [mend for one in findings for mend in mends_of(one)]

    assert len(mends) == len([words for words in named if "NUMBER" not in words])
    assert mends
    for mend in mends:
        edit_of(Asked(mend, "07:00", BEFOREHAND.replace(tzinfo=None)))
