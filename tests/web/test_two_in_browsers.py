"""Two operators over one plan: each sees what the other does, and neither overwrites the other."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from db.states import Role
from tests.making import the_post
from tests.web.browser import NEEDS_BROWSER, chromium
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.scene import a_window, settled
from tests.web.serving import serving
from tests.web.staff import an_operator

pytestmark = NEEDS_BROWSER
SOON = 20_000
"""Milliseconds in which an open page will have asked, on a slow machine too."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(shop_on_both: Shop) -> Iterator[str]:
    """Five chapters on weekdays at 07:00 in Riga, the first on Monday 9 March; Ada and Ed may edit them."""
    shop_on_both.url = "http://127.0.0.1"
    a_plan(shop_on_both)
    an_operator(shop_on_both)
    an_operator(shop_on_both, "ed@example.org", Role.editor, name="Ed")
    with serving(shop_on_both.app()) as url:
        yield url


@pytest.fixture
def pages(browser: Browser, site: str) -> Iterator[tuple[Page, Page]]:
    """The schedule of March in Ada's browser and in Ed's."""
    windows = [a_window(browser, site, who, viewport={"width": 1400, "height": 900}) for who in ("ada", "ed")]
    hers, his = (window.new_page() for window in windows)
    for page in (hers, his):
        page.goto(f"{site}/operator/schedule/?month=2026-03")
        settled(page)
    yield hers, his
    for window in windows:
        window.close()


def day(page: Page, date: str) -> str:
    return f'td[data-date="2026-03-{date}"]'


def drag(page: Page, slug: str, to: str) -> None:
    page.locator(f"#at-primer-{slug}").drag_to(page.locator(day(page, to)))
    page.get_by_role("button", name="Apply 1 move").wait_for()


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


def test_a_change_that_cannot_be_any_more_is_told_with_what_was_done(pages: tuple[Page, Page]):
    hers, his = pages
    drag(hers, "c2", "14")
    drag(his, "c5", "14")
    his.get_by_role("button", name="Apply 1 move").click()
    his.locator(".toast").wait_for()

    hers.get_by_role("button", name="Apply 1 move").click()

    expect(hers.locator("#panel")).to_contain_text("move c5 alone to 14 March 2026")
    expect(hers.locator("#panel")).to_contain_text("belongs to c5")
