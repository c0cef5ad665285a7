"""The public pages in a real browser: at the width of a phone and of a desk, light and dark, without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from db.states import PostState
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from tests.web.browser import NEEDS_BROWSER, chromium
from tests.web.letterbox import newest_link
from tests.web.making import TOKENS, Shop, a_post, a_reader, a_series
from tests.web.serving import serving

BODY = """Some words with `code` and $e^{i\\pi} = -1$.

```python
def loss(model, tokens, targets): return cross_entropy(model(tokens), targets, label_smoothing=0.1, reduction="mean")
```

| quantity | symbol | unit of measurement | remark that is rather long |
|---|---|---|---|
| entropy | H | bits per token | never negative |
"""

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def a_full_shop(shop: Shop) -> list[str]:
    """A series with a post that has everything in it; gives the paths of the pages."""
    series = a_series(shop, announces=True)
    a_post(
        shop,
        series,
        "rain",
        title="A title of a good many words, such as real chapters have",
        body=BODY,
        position=1,
        tags=["Entropy"],
    )
    a_post(shop, series, "snow", state=PostState.planned, number="2", position=2)
    ada = a_reader(shop, series, a_series(shop, "harbour", title="A title of a good many words, such as series have"))
    links = [f"/{purpose}/{TOKENS.make(purpose, ada, 0)}" for purpose in (UNSUBSCRIBE, PREFERENCES)]
    lists = ["/tag/", "/tag/entropy/", "/archive/", "/archive/2026-03/", "/search", "/search?q=words", "/search?q=fog"]
    return ["/", "/primer/", "/primer/rain/", "/nothing-here/", "/subscribe", *links, *lists]


def test_a_reader_subscribes_confirms_and_changes_the_hour_without_scripts(shop: Shop, browser: Browser):
    a_full_shop(shop)
    context = browser.new_context(java_script_enabled=False)

    with serving(shop.app()) as url:
        page = context.new_page()
        page.goto(f"{url}/primer/")
        page.get_by_label("Your mail address").fill("ada@example.org")
        page.get_by_role("button", name="Send me letters").click()
        expect(page.locator("h1")).to_have_text("Look into your mail")
        page.goto(url + newest_link(shop, "ada@example.org"))
        page.get_by_role("button", name="Yes, send me the letters").click()
        expect(page.locator("h1")).to_have_text("You are in.")
        page.goto(url + newest_link(shop, "ada@example.org", "preferences"))
        page.get_by_label("Hour").select_option("21")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_have_text("Saved.")
        assert page.get_by_label("Hour").input_value() == "21"
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_page_fits_its_window_and_keeps_its_policy(shop: Shop, browser: Browser, width: int, scheme: str):
    """Colours make nothing wider: each width and each scheme is looked at once."""
    paths = a_full_shop(shop)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    said: list[str] = []

    with serving(shop.app()) as url:
        for path in paths:
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text) if "404" not in message.text else None)
            page.goto(url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than its window"
            assert page.locator("h1").count() == 1
            page.close()
    context.close()

    assert said == [], "the browser had something to say: a refused style, a missing file"


def test_a_reader_walks_from_the_site_to_a_chapter_without_scripts(shop: Shop, browser: Browser):
    a_full_shop(shop)
    context = browser.new_context(java_script_enabled=False)

    with serving(shop.app()) as url:
        page = context.new_page()
        page.goto(url)
        page.get_by_role("link", name="The Primer").first.click()
        page.get_by_role("link", name="A title of a good many words").first.click()
        expect(page.locator("h1")).to_contain_text("A title")
        assert page.locator("math").count() >= 1
    context.close()
