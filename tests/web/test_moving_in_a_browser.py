"""The schedule as people use it: by mouse, by keyboard, without scripts, and two at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from db.states import Role
from tests.making import the_post
from tests.web.browser import NEEDS_BROWSER, chromium
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.scene import a_window
from tests.web.serving import serving
from tests.web.staff import an_operator

pytestmark = NEEDS_BROWSER


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
def ada(browser: Browser, site: str) -> Iterator[BrowserContext]:
    window = a_window(browser, site, "ada", viewport={"width": 1400, "height": 900})
    yield window
    window.close()


def schedule(window: BrowserContext, site: str) -> Page:
    page = window.new_page()
    page.goto(f"{site}/operator/schedule/?month=2026-03")
    return page


def chapter(page: Page, name: str) -> str:
    """The day of the calendar that a chapter stands on."""
    return page.locator("td[data-date]", has_text=name).get_attribute("data-date") or ""


def wall_of(shop: Shop, slug: str) -> str:
    return f"{the_post(shop.store, slug).wall:%Y-%m-%d %H:%M}"


def test_ada_drags_a_chapter_sees_what_follows_applies_and_undoes(shop_on_both: Shop, ada: BrowserContext, site: str):
    page = schedule(ada, site)

    page.locator("#at-primer-c2").drag_to(page.locator('td[data-date="2026-03-12"]'))
    page.get_by_role("button", name="And the rest").click()
    expect(page.locator("#panel .sum")).to_contain_text("4 chapters move")
    assert wall_of(shop_on_both, "c2") == "2026-03-10 07:00"
    page.get_by_role("button", name="Apply 4 moves").click()

    expect(page.locator(".toast")).to_contain_text("4 chapters moved.")
    assert chapter(page, "Chapter 2") == "2026-03-12"
    assert wall_of(shop_on_both, "c5") == "2026-03-17 07:00"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator('td[data-date="2026-03-10"]')).to_contain_text("Chapter 2")
    assert wall_of(shop_on_both, "c5") == "2026-03-13 07:00"


def test_ada_moves_a_chapter_by_the_keyboard_alone(shop_on_both: Shop, ada: BrowserContext, site: str):
    page = schedule(ada, site)

    page.locator("#at-primer-c5 a").focus()
    page.keyboard.press("ArrowRight")
    apply = page.get_by_role("button", name="Apply 1 move")
    apply.wait_for()
    apply.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_be_visible()
    assert chapter(page, "Chapter 5") == "2026-03-14"
    assert wall_of(shop_on_both, "c5") == "2026-03-14 07:00"


def test_everything_works_without_scripts(shop_on_both: Shop, browser: Browser, site: str):
    window = a_window(browser, site, "ada", java_script_enabled=False)
    page = schedule(window, site)

    page.locator(".agenda").get_by_role("link", name="3 Chapter 3").click()
    page.get_by_label("To", exact=True).fill("2026-03-16")
    page.get_by_role("button", name="Show what moves", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Apply 1 move").click()
    moved = wall_of(shop_on_both, "c3")
    with page.expect_navigation():
        page.get_by_role("button", name="Undo").click()

    assert moved == "2026-03-16 07:00"
    assert wall_of(shop_on_both, "c3") == "2026-03-11 07:00"
    window.close()


def test_two_who_edit_one_plan_at_once_are_told(shop_on_both: Shop, browser: Browser, ada: BrowserContext, site: str):
    other = a_window(browser, site, "ed", viewport={"width": 1400, "height": 900})
    hers, his = schedule(ada, site), schedule(other, site)
    hers.locator("#at-primer-c1").drag_to(hers.locator('td[data-date="2026-03-08"]'))
    hers.get_by_role("button", name="Apply 1 move").wait_for()

    his.locator("#at-primer-c1").drag_to(his.locator('td[data-date="2026-03-07"]'))
    his.get_by_role("button", name="Apply 1 move").click()
    his.locator(".toast").wait_for()
    hers.get_by_role("button", name="Apply 1 move").click()

    expect(hers.locator(".problem")).to_contain_text("ed@example.org has changed the plan")
    assert wall_of(shop_on_both, "c1") == "2026-03-07 07:00"
    hers.get_by_role("button", name="Apply 1 move").click()
    hers.locator(".toast").wait_for()
    assert wall_of(shop_on_both, "c1") == "2026-03-08 07:00"
    other.close()
