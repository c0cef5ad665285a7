"""Windows of a browser in which people are signed in, and what is listened to in them."""

from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.staff import PASSWORD

DESK = {"width": 1400, "height": 900}
_POLICY = "Content Security Policy"


def a_window(browser: Browser, url: str, who: str | None, **how: object) -> BrowserContext:
    """A browser of its own, in which this person is signed in: the form is sent, but no page is drawn for it."""
    context = browser.new_context(**how)  # type: ignore[arg-type]
    if who is not None:
        form = {"email": f"{who}@example.org", "password": PASSWORD}
        answer = context.request.post(
            f"{url}/operator/sign-in", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
        )
        assert answer.status == 303, answer.text()
    return context


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def settled(page: Page) -> Page:
    """The page of a plan or of all once it shows what lint found: until then its calendar may be exchanged."""
    page.locator('#live[data-live=""]').wait_for(state="attached")
    return page


def complaints_of(window: BrowserContext) -> list[str]:
    """Fills, for as long as a window is open, with scripts that broke and with what a page's policy refused."""
    said: list[str] = []
    window.on("weberror", lambda broke: said.append(str(broke.error)))
    window.on("console", lambda message: said.append(message.text) if _POLICY in message.text else None)
    return said
