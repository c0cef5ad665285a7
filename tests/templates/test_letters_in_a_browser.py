"""Every letter as a browser shows it, on a phone and beside a list of letters, by day and by night."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from mail.samples import GAPS_OF_SAMPLES, samples
from mail.showing import shown
from templates.environment import environment
from tests.web.browser import NEEDS_BROWSER, chromium

pytestmark = NEEDS_BROWSER
RULES = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}
"""A letter stands in the page of a mail program, which has the landmarks."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (700, "light"), (700, "dark")])
def test_every_letter_fits_and_can_be_read_by_everybody(browser: Browser, width: int, scheme: str):
    window = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page, found, seen = window.new_page(), [], set()

    for sample in samples():
        if sample.letter not in seen:
            seen.add(sample.letter)
            page.set_content(shown(sample.render(environment(), "de", "html"), GAPS_OF_SAMPLES).html or "")
            found += [f"{sample.letter}: {fault}" for fault in faults(page, width)]
    window.close()

    assert "\n".join(found) == ""
    assert {"digest", "confirm", "goodbye"} <= seen


def faults(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{wide} wide"] if wide > width else []
    seen = Axe().run(page, options=RULES).response
    # Words of the colour of their ground are none for axe, but a matter to look at.
    for violation in seen["violations"] + [one for one in seen["incomplete"] if one["id"] == "color-contrast"]:
        nodes = "; ".join(node["html"][:120] + " " + node["failureSummary"][-160:] for node in violation["nodes"][:3])
        found.append(f"{violation['id']}: {nodes}")
    return found
