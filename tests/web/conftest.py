from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from db.engine import Store, open_store
from db.states import Role
from tests.making import a_house
from tests.ports import free_port
from tests.web.browser import chromium
from tests.web.making import Shop, a_shop
from tests.web.serving import serving
from tests.web.staff import an_operator
from tests.web.windows import DESK, a_window, complaints_of

Window = Callable[..., BrowserContext]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""For a journey whose way to the store another one shows on both databases."""


@pytest.fixture
def either(store: Store, tmp_path: Path) -> Shop:
    """A site on each of the databases, for what is written."""
    return Shop(tmp_path, store)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = a_shop(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def shop_on_both(store_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A shop over a store that was set up, on each database in turn."""
    store = open_store(store_url)
    a_house(store)
    yield Shop(tmp_path, store)
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(shop_on_both: Shop) -> Iterator[str]:
    """The address of a site with nothing on it yet, which owner Ada and editor Ed may change."""
    port = free_port()
    shop_on_both.url = f"http://127.0.0.1:{port}"
    an_operator(shop_on_both)
    an_operator(shop_on_both, "ed@example.org", Role.editor, name="Ed")
    with serving(shop_on_both.app(), port=port) as url:
        yield url


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """Opens windows: `window(url, who)`, signed in, at a desk unless told otherwise. No page in them may complain."""
    said: list[list[str]] = []
    with ExitStack() as stack:

        def opened(url: str, who: str | None = None, **how: object) -> BrowserContext:
            context = a_window(browser, url, who, **({"viewport": DESK} | how))
            stack.callback(context.close)
            said.append(complaints_of(context))
            return context

        yield opened
    assert [words for one in said for words in one] == []


@pytest.fixture
def ada(site: str, window: Window) -> BrowserContext:
    return window(site, "ada")
