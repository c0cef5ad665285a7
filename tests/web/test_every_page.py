"""Every page in a real browser: it fits its window, axe finds nothing, its policy is never violated."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.web.browser import NEEDS_BROWSER
from tests.web.making import Shop
from tests.web.scene import Visit, served_scene, visits
from tests.web.windows import a_window

pytestmark = NEEDS_BROWSER
REFUSED_ON_PURPOSE = "the server responded with a status of 4"
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]

# Style sheets are asked for by no rule that is on.
HOW = {"resultTypes": ["violations"], "preload": False}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""All rules of colour: what is dark differs in nothing else."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    with served_scene(tmp_path_factory.mktemp("scene")) as served:
        yield served


def test_every_page_fits_is_open_to_all_and_keeps_its_policy(scene: tuple[Shop, str], browser: Browser):
    """At the width of a phone and of a desk, light and dark; each is loaded once, as on a phone."""
    shop, url = scene
    wanted = visits(shop)
    windows = {who: a_window(browser, url, who, reduced_motion="reduce") for who in {visit.who for visit in wanted}}
    pages = {who: Seen(window.new_page()) for who, window in windows.items()}

    found = [f"{visit.name} {words}" for visit in wanted for words in pages[visit.who].faults_of(url, visit)]
    for window in windows.values():
        window.close()

    assert "\n".join(found) == ""


class Seen:
    """A page of a browser in which one visit follows the other, and all that the browser says there."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: list[str] = []
        page.on("console", lambda message: self._said.append(message.text))
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def faults_of(self, url: str, visit: Visit) -> Iterator[str]:
        """What is wrong with a page; a refusal of its policy is among what the browser says."""
        self._said.clear()
        self._page.set_viewport_size({"width": 360, "height": 800})
        self._page.emulate_media(color_scheme="light")
        self._page.goto(url + visit.path)
        visit.act(self._page)
        yield from looked_at(self._page)
        yield from (f"said: {words}" for words in self._said if REFUSED_ON_PURPOSE not in words)


def looked_at(page: Page) -> Iterator[str]:
    if (heads := page.locator("h1").count()) != 1:
        yield f"has {heads} h1"
    page.evaluate(AXE_SCRIPT)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        yield from (f"{width} {scheme}: {words}" for words in faults(page, width, COLOURS if scheme == "dark" else {}))


def faults(page: Page, width: int, rules: dict[str, object]) -> Iterator[str]:
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        yield f"{wide} wide"
    for violation in page.evaluate("how => axe.run(how).then(found => found.violations)", HOW | rules):
        nodes = "; ".join(node["html"][:120] + " " + node["failureSummary"][-160:] for node in violation["nodes"][:3])
        yield f"{violation['id']}: {nodes}"
