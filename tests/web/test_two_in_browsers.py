"""Two operators over one plan: each sees what the other does, and neither overwrites the other."""

import pytest
from playwright.sync_api import Page, expect

from tests.making import the_post
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.windows import settled

pytestmark = NEEDS_BROWSER
SOON = 20_000
"""Milliseconds in which an open page will have asked, on a slow machine too."""


@pytest.fixture
def pages(shop_on_both: Shop, site: str, window: Window) -> tuple[Page, Page]:
    """The schedule of March, with five chapters from Monday 9 March on, in Ada's browser and in Ed's."""
    a_plan(shop_on_both)
    hers, his = (window(site, who).new_page() for who in ("ada", "ed"))
    for page in (hers, his):
        page.goto(f"{site}/operator/schedule/?month=2026-03")
        settled(page)
    return hers, his


def day(page: Page, date: str) -> str:
    return f'td[data-date="2026-03-{date}"]'


def drag(page: Page, slug: str, to: str) -> None:
    page.locator(f"#at-primer-{slug}").drag_to(page.locator(day(page, to)))
    page.get_by_role("button", name="Apply 1 move").wait_for()


@ON_SQLITE
def test_what_ed_moves_moves_in_adas_calendar_and_she_is_told(pages: tuple[Page, Page]):
    hers, his = pages

    drag(his, "c5", "14")
    his.get_by_role("button", name="Apply 1 move").click()
    his.locator(".toast").wait_for()

    expect(hers.locator(day(hers, "14"))).to_contain_text("Chapter 5", timeout=SOON)
    expect(hers.locator(day(hers, "13"))).not_to_contain_text("Chapter 5")
    expect(hers.get_by_role("status")).to_contain_text("ed@example.org")
    expect(hers.get_by_role("status")).to_contain_text("move c5 alone to 14 March 2026")
    expect(his.locator("#news")).to_be_empty()


def test_ada_who_came_too_late_sees_what_ed_did_and_makes_her_change_again_with_one_click(
    shop_on_both: Shop, pages: tuple[Page, Page]
):
    hers, his = pages
    drag(hers, "c1", "08")
    drag(his, "c1", "07")
    his.get_by_role("button", name="Apply 1 move").click()
    his.locator(".toast").wait_for()

    hers.get_by_role("button", name="Apply 1 move").click()

    told = hers.get_by_role("alert")
    expect(told).to_contain_text("ed@example.org has changed the plan")
    expect(told).to_contain_text("move c1 alone to 7 March 2026")
    expect(hers.locator("#panel")).to_contain_text("Nothing of yours is lost")
    expect(hers.locator("#panel .diff")).to_contain_text("Sat 7 Mar")
    assert the_post(shop_on_both.store, "c1").wall.day == 7
    hers.get_by_role("button", name="Apply 1 move").click()
    hers.locator(".toast").wait_for()
    assert the_post(shop_on_both.store, "c1").wall.day == 8


@ON_SQLITE
def test_a_change_that_cannot_be_any_more_is_told_with_what_was_done(pages: tuple[Page, Page]):
    hers, his = pages
    drag(hers, "c2", "14")
    drag(his, "c5", "14")
    his.get_by_role("button", name="Apply 1 move").click()
    his.locator(".toast").wait_for()

    hers.get_by_role("button", name="Apply 1 move").click()

    expect(hers.locator("#panel")).to_contain_text("move c5 alone to 14 March 2026")
    expect(hers.locator("#panel")).to_contain_text("belongs to c5")
