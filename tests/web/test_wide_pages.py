"""The public pages in a real browser, with all that could make them wide."""

from playwright.sync_api import Page

from db.states import PostState
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import Window
from tests.web.making import TOKENS, Shop, a_post, a_reader, a_series
from tests.web.serving import serving
from tests.web.windows import DESK

PHONE = {"width": 360, "height": 800}
BODY = """Some words with `code` and $e^{i\\pi} = -1$.

```python
def loss(model, tokens, targets): return cross_entropy(model(tokens), targets, label_smoothing=0.1, reduction="mean")
```

| quantity | symbol | unit of measurement | remark that is rather long |
|---|---|---|---|
| entropy | H | bits per token | never negative |
"""

pytestmark = NEEDS_BROWSER


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


def test_every_page_fits_a_phone_and_a_desk_and_keeps_its_policy(shop: Shop, window: Window):
    """With the longest titles, the widest tables and code; tests of every page look at colours."""
    paths = a_full_shop(shop)

    with serving(shop.app()) as url:
        page = window(url, viewport=PHONE).new_page()
        for path in paths:
            page.goto(url + path)
            assert page.locator("h1").count() == 1
            assert (path, wider_than(page, PHONE), wider_than(page, DESK)) == (path, 0, 0)
        page.close()


def wider_than(page: Page, window: dict[str, int]) -> int:
    """By how many pixels a page is wider than a window of this size."""
    page.set_viewport_size(window)  # type: ignore[arg-type]
    return page.evaluate("document.documentElement.scrollWidth") - window["width"]
