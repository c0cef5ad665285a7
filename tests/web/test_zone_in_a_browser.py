"""The zone of readers' letters, guessed from their browser: only until they choose, and never needed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from db import subscribers
from templates.environment import FOLDER
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.letterbox import newest_link
from tests.web.making import Shop, a_post, a_series
from tests.web.serving import serving

pytestmark = [*NEEDS_BROWSER, ON_SQLITE]
ADA = "ada@example.org"


@pytest.fixture
def site(shop_on_both: Shop, site: str) -> str:
    """One chapter of The Primer is out; the zone of the site is Europe/Riga."""
    a_post(shop_on_both, a_series(shop_on_both))
    return site


@pytest.fixture
def tokyo(site: str, window: Window) -> BrowserContext:
    return window(site, timezone_id="Asia/Tokyo")


def opened(reader: BrowserContext, address: str) -> Page:
    page = reader.new_page()
    page.goto(address)
    return page


def asked(page: Page, address: str = ADA) -> None:
    page.get_by_label(re.compile("mail address", re.IGNORECASE)).fill(address)
    page.get_by_role("button", name="Send me").click()


def confirmed(shop: Shop, page: Page, site: str) -> None:
    expect(page.locator("h1")).to_have_text("Look into your mail")
    page.goto(site + newest_link(shop, ADA))
    page.get_by_role("button", name="Yes, send me the letters").click()
    expect(page.locator("h1")).to_have_text("You are in.")


def zone_of_ada(shop: Shop) -> str:
    with shop.store.reading() as session:
        ada = subscribers.by_address(session, ADA)
        assert ada is not None
        return ada.zone


def test_the_form_offers_the_zone_of_the_browser_and_preferences_keep_it_wherever_ada_is(
    shop_on_both: Shop, site: str, tokyo: BrowserContext, window: Window
):
    page = opened(tokyo, f"{site}/subscribe?series=primer")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_text("It is your browser’s.")).to_be_visible()
    asked(page)
    confirmed(shop_on_both, page, site)

    abroad = window(site, timezone_id="America/New_York")
    preferences = opened(abroad, site + newest_link(shop_on_both, ADA, "preferences"))

    expect(preferences.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    assert zone_of_ada(shop_on_both) == "Asia/Tokyo"


def test_the_page_of_a_series_says_by_which_clocks_letters_come_and_they_do(
    shop_on_both: Shop, site: str, tokyo: BrowserContext
):
    page = opened(tokyo, f"{site}/primer/")
    expect(page.locator(".follow")).to_contain_text("New chapters come at 07:00 Asia/Tokyo.")
    asked(page)
    confirmed(shop_on_both, page, site)

    assert zone_of_ada(shop_on_both) == "Asia/Tokyo"


@pytest.mark.parametrize("path", ["/primer/", "/subscribe?series=primer"])
def test_without_scripts_it_is_the_zone_of_the_site(shop_on_both: Shop, site: str, window: Window, path: str):
    page = opened(window(site, timezone_id="Asia/Tokyo", java_script_enabled=False), site + path)
    expect(page.get_by_text("It is your browser’s.")).to_be_hidden()
    asked(page)
    confirmed(shop_on_both, page, site)

    assert zone_of_ada(shop_on_both) == "Europe/Riga"


def test_what_ada_chose_stays_when_the_form_comes_back(site: str, tokyo: BrowserContext):
    page = opened(tokyo, f"{site}/subscribe?series=primer")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    page.get_by_label("Time zone").fill("Europe/Riga")
    asked(page, "ada@localhost")

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Riga")


def test_a_zone_that_is_not_offered_is_not_taken(site: str, window: Window):
    page = opened(window(site, timezone_id="Etc/GMT+5"), f"{site}/subscribe")

    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Etc/GMT+5"
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Riga")


def test_a_theme_may_offer_zones_in_its_own_way(shop_on_both: Shop, site: str, window: Window, tmp_path: Path):
    ours = (FOLDER / "web" / "choices.html").read_text()
    few = '<select id="{{ id }}" name="zone"><option>Europe/Riga<option>Asia/Tokyo</select>'
    theme = tmp_path / "theme" / "web"
    theme.mkdir(parents=True)
    (theme / "choices.html").write_text(
        re.sub(r'<input id="\{\{ id \}\}" name="zone".*?</datalist>', few, ours, flags=re.S)
    )
    shop_on_both.templates = theme.parent

    with serving(shop_on_both.app()) as url:
        page = opened(window(url, timezone_id="Asia/Tokyo"), f"{url}/subscribe")

        expect(page.locator("select#zone")).to_have_value("Asia/Tokyo")
