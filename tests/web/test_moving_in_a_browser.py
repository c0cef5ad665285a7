"""The schedule as people use it: by mouse, by keyboard, without scripts, and two at once."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.making import the_post
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.windows import settled

pytestmark = NEEDS_BROWSER


@pytest.fixture
def site(shop_on_both: Shop, site: str) -> str:
    """Five chapters on weekdays at 07:00 in Riga, the first on Monday 9 March."""
    a_plan(shop_on_both)
    return site


def schedule(window: BrowserContext, site: str) -> Page:
    page = window.new_page()
    page.goto(f"{site}/operator/schedule/?month=2026-03")
    return page


def open_schedule(window: BrowserContext, site: str) -> Page:
    return settled(schedule(window, site))


def chapter(page: Page, name: str) -> str:
    """The day of the calendar that a chapter stands on."""
    return page.locator("td[data-date]", has_text=name).get_attribute("data-date") or ""


def wall_of(shop: Shop, slug: str) -> str:
    return f"{the_post(shop.store, slug).wall:%Y-%m-%d %H:%M}"


def test_ada_drags_a_chapter_sees_what_follows_applies_and_undoes(shop_on_both: Shop, site: str, ada: BrowserContext):
    page = open_schedule(ada, site)

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


def test_ada_moves_a_chapter_by_the_keyboard_alone(shop_on_both: Shop, site: str, ada: BrowserContext):
    page = open_schedule(ada, site)

    page.locator("#at-primer-c5 a").focus()
    page.keyboard.press("ArrowRight")
    apply = page.get_by_role("button", name="Apply 1 move")
    apply.wait_for()
    apply.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_be_visible()
    assert chapter(page, "Chapter 5") == "2026-03-14"
    assert wall_of(shop_on_both, "c5") == "2026-03-14 07:00"


@ON_SQLITE
def test_everything_works_without_scripts(shop_on_both: Shop, site: str, window: Window):
    page = schedule(window(site, "ada", java_script_enabled=False), site)

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
