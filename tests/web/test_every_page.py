"""Every page in a real browser: it fits its window, axe finds nothing, its policy is never violated."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.browser import NEEDS_BROWSER, chromium
from tests.web.making import Shop
from tests.web.scene import served_scene, visits
from tests.web.windows import a_window

pytestmark = NEEDS_BROWSER
REFUSED_ON_PURPOSE = "the server responded with a status of 4"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    with served_scene(tmp_path_factory.mktemp("scene")) as served:
        yield served


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "light"), (1280, "dark")])
def test_every_page_fits_is_open_to_all_and_keeps_its_policy(
    scene: tuple[Shop, str], browser: Browser, width: int, scheme: str
):
    shop, url = scene
    how = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "reduced_motion": "reduce"}
    wanted = visits(shop)
    windows = {who: a_window(browser, url, who, **how) for who in {visit.who for visit in wanted}}
    found: list[str] = []

    for visit in wanted:
        page = windows[visit.who].new_page()
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(url + visit.path)
        visit.act(page)
        found += [f"{visit.name}: {words}" for words in faults(page, width)]
        found += [f"{visit.name} said: {words}" for words in said if REFUSED_ON_PURPOSE not in words]
        page.close()
    for window in windows.values():
        window.close()

    assert "\n".join(found) == ""


def faults(page: Page, width: int) -> list[str]:
    found = [f"{page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} wide")
    for violation in Axe().run(page).response["violations"]:
        nodes = "; ".join(node["html"][:120] + " " + node["failureSummary"][-160:] for node in violation["nodes"][:3])
        found.append(f"{violation['id']}: {nodes}")
    return found
