"""What lint finds, where operators look: in the calendar, in lists, on the first page; and mended there."""

import re
from datetime import datetime

import pytest

from db import series as all_series
from db.states import Role
from tests.making import a_source, taken_in, the_post
from tests.web.making import NOW, Shop
from tests.web.planning import a_plan
from tests.web.staff import Browser, a_browser_of

SERIES = "/operator/schedule/?month=2026-03&series=primer"


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    """The Primer, of which chapter 3 and another are both numbered 3, and nothing is on Tuesday 10 March."""
    a_plan(shop_on_both, count=3)
    with shop_on_both.store.writing() as session:
        primer = all_series.by_slug(session, "primer")
        twin = a_source("The twin", slug="twin", number="3", wall=datetime(2026, 3, 13, 7), summary="The same number.")
        taken_in(session, primer, [twin], now=NOW)
    return shop_on_both


def looked(browser: Browser, path: str) -> str:
    """A page once somebody has looked for findings."""
    browser.get("/operator/findings/")
    return browser.get(path).text


def test_a_finding_stands_on_its_chapter_in_the_calendar_and_leads_to_its_words(shop: Shop):
    vera = a_browser_of(shop, Role.viewer)

    page = looked(vera, SERIES)

    day = page[page.index('data-date="2026-03-13"') : page.index('data-date="2026-03-14"')]
    mark = re.search(r'<a class="found error" href="#(found-\d+)" title="[^"]*twin[^"]*">', day)
    assert mark is not None
    assert f'<li id="{mark[1]}">' in page


def test_a_day_without_a_chapter_is_marked_in_the_calendar(shop: Shop):
    vera = a_browser_of(shop, Role.viewer)

    page = looked(vera, SERIES)

    day = page[page.index('data-date="2026-03-12"') : page.index('data-date="2026-03-13"')]
    assert "gap" in day
    assert "The Primer" in day


def test_the_first_page_tells_of_findings_with_their_mends(shop: Shop):
    ed = a_browser_of(shop, Role.editor)

    part = ed.get("/operator/findings/part", hx_request="true").text

    assert 'hx-get="/operator/findings/part"' in ed.get("/operator/").text
    assert "<html" not in part
    assert 'href="/operator/plan/primer/twin/' in part
    assert "Mend: another number" in part


def test_a_finding_is_mended_by_what_it_offers(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    page = ed.get("/operator/findings/").text
    forms = re.findall(r'<form method="post" action="/operator/plan/primer/preview".*?</form>', page, re.DOTALL)
    [mend] = [form for form in forms if 'value="relabel"' in form]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', mend))

    preview = ed.post("/operator/plan/primer/preview", fields).text
    shown = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', preview))
    ed.post("/operator/plan/primer/apply", shown)

    assert the_post(shop.store, "twin").number == "4"
    assert "number repeated" not in ed.get("/operator/findings/").text


def test_a_finding_speaks_german_to_who_reads_german(shop: Shop):
    page = a_browser_of(shop, Role.viewer).get("/operator/findings/", accept_language="de").text

    assert "kein Beitrag am 12. März 2026<" in page
    assert "Abhilfe: twin auf den 12. März 2026, 07:00 festlegen oder die Lücke mit einem neuen Beitrag füllen" in page
    assert "fascicle plan" not in page


def test_a_viewer_sees_findings_and_is_offered_no_mend(shop: Shop):
    page = a_browser_of(shop, Role.viewer).get("/operator/findings/").text

    assert "number repeated" in page
    assert "/preview" not in page


def test_a_rule_is_switched_off_for_a_series(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    assert " · gap</p>" in ed.get("/operator/findings/").text

    ed.post("/operator/plan/primer/quiet", {"rule": "gap"})

    assert " · gap</p>" not in ed.get("/operator/findings/").text


@pytest.mark.parametrize("rule", ["", "nonsense"])
def test_a_rule_that_is_none_is_refused(shop: Shop, rule: str):
    ed = a_browser_of(shop, Role.editor)

    answer = ed.post("/operator/plan/primer/quiet", {"rule": rule})

    assert answer.status_code == 422
    assert "not a rule" in answer.text


def test_a_series_that_is_retired_is_not_told_of(shop: Shop):
    with shop.store.writing() as session:
        all_series.by_slug(session, "primer").retired_at = NOW

    assert "number repeated" not in a_browser_of(shop, Role.viewer).get("/operator/findings/").text


def test_a_plan_without_findings_says_so(shop: Shop):
    vera = a_browser_of(shop, Role.viewer)
    with shop.store.writing() as session:
        all_series.by_slug(session, "primer").lint = {"off": ["gap", "number-repeated", "empty-summary"]}

    assert "Nothing. All plans are" in vera.get("/operator/findings/").text
