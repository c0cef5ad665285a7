"""A house in full swing, and every page of it with what a person does there: for browsers, axe and pictures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from db import migrate, operators, posts
from db import series as all_series
from db.engine import Store, open_store
from db.states import Role
from fascicle.demo.stage import examples
from fascicle.seriesfile import apply, read_series_file
from importers.markdown import read_folder
from scheduler.cadence import parse_words
from scheduler.edit import AddBlackout, MoveWithRest, apply_at_once
from scheduler.intake import NewSeries, take_in
from tests.making import a_clockwork, a_house, a_source, at, taken_in
from tests.making import a_series as a_planned_series
from tests.ports import free_port
from tests.web.making import NOW, TOKENS, Shop, a_letter
from tests.web.serving import serving
from tests.web.staff import PASSWORD, an_operator
from web.auth import staff
from web.auth.secrets import Sealer

BEGIN = at("2026-02-16 12:00")
EXAMPLES = ("llm-primer-1", "llm-primer-2")
LONG = "What the harbour master wrote down in the night when the light went out, and what he left out of it"


@dataclass(frozen=True)
class Visit:
    """A page under a name; `act` is done there before one looks. Nobody is signed in where `who` is None."""

    name: str
    path: str
    who: str | None = None
    act: Callable[[Page], object] = lambda page: None


def a_scene(folder: Path) -> Shop:
    """It is Friday, 6 March 2026, at noon."""
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    migrate.upgrade(store)
    shop = Shop(folder, store, outbox=folder / "outbox")
    a_house(store, now=BEGIN)
    _write(store)
    _release(store, folder)
    _steer(store)
    _staff(shop)
    a_letter(folder / "outbox", "0001", subject="The Transformer Architecture")
    return shop


@contextmanager
def served_scene(folder: Path) -> Iterator[tuple[Shop, str]]:
    """A scene under the address that its own links name."""
    shop = a_scene(folder)
    port = free_port()
    shop.url = f"http://127.0.0.1:{port}"
    with serving(shop.app(), port=port) as url:
        yield shop, url
    shop.store.close()


def _write(store: Store) -> None:
    with store.writing() as session:
        for settings in read_series_file(examples() / "series.yaml"):
            apply(session, settings, zone="Europe/Riga", language="en", actor="ada", now=BEGIN, create=True)
        for slug in EXAMPLES:
            take_in(
                session, read_folder(examples() / slug), slug=slug, defaults=NewSeries("Europe/Riga", "en"), now=BEGIN
            )
        cadence = parse_words("tuesdays and fridays at 18:30 from 3 March 2026").to_json()
        harbour = a_planned_series(
            session, "harbour", title="The Harbour", zone="America/New_York", now=BEGIN, cadence=cadence, announces=True
        )
        titles = ["The light", LONG, "Fog", "A letter from Bergen", "Low water"]
        sources = [a_source(title, slug=f"h{n}", number=str(n), tags=("Sea",)) for n, title in enumerate(titles, 1)]
        sources += [a_source("A chapter that is not ready", slug="draft", draft=True)]
        taken_in(session, harbour, sources, now=BEGIN)
        night = a_planned_series(session, "night", title="Night Trains", zone="UTC", now=BEGIN)
        taken_in(session, night, [a_source("Departure", slug="n1", wall=datetime(2026, 3, 6, 9))], now=BEGIN)


def _release(store: Store, folder: Path) -> None:
    """Everything at its moment until the morning of the day."""
    works = a_clockwork(store, folder / "node.json")
    while True:
        with store.reading() as session:
            due = posts.next_due_at(session)
        if due is None or due > NOW - timedelta(hours=4):
            return
        works.release(due)


def _steer(store: Store) -> None:
    with store.writing() as session:
        primer = all_series.by_slug(session, "llm-primer-2")
        christmas = AddBlackout(datetime(2026, 3, 11).date(), datetime(2026, 3, 12).date(), "a fair in town")
        apply_at_once(session, primer, christmas, actor="ed@example.org", now=NOW)
        harbour = all_series.by_slug(session, "harbour")
        late = MoveWithRest("h3", datetime(2026, 3, 13, 18, 30))
        apply_at_once(session, harbour, late, actor="ada@example.org", now=NOW)
        night = all_series.by_slug(session, "night")
        all_series.hold(session, night.id, reason="Departure was due while this machine slept", now=NOW)


def _staff(shop: Shop) -> None:
    an_operator(shop)
    an_operator(shop, "ed@example.org", Role.editor, name="Ed")
    an_operator(shop, "vera@example.org", Role.viewer, name="Vera")
    an_operator(shop, "tom@example.org", Role.editor, name="Tom")
    with shop.store.writing() as session:
        staff.invite(session, "bob@example.org", Role.viewer, by="ada@example.org", now=NOW)
        tom = operators.by_email(session, "tom@example.org")
        tom.totp = Sealer(TOKENS.key("second factor")).seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def links_of(shop: Shop) -> dict[str, str]:
    """A link that makes an operator, and one that gives another password."""
    with shop.store.writing() as session:
        new = staff.invite(session, "new@example.org", Role.editor, by="ada@example.org", now=NOW)
        old = staff.reset(session, operators.by_email(session, "vera@example.org"), by="ada@example.org", now=NOW)
        way_in = staff.let_in(session, operators.by_email(session, "tom@example.org"), by="demo", now=NOW)
    return {
        "enter": f"/operator/enter/{way_in}",
        "welcome": f"/operator/welcome/{new}",
        "reset": f"/operator/welcome/{old}",
    }


def visits(shop: Shop) -> list[Visit]:
    links = links_of(shop)
    return [
        Visit("site", "/"),
        Visit("series", "/llm-primer-1/"),
        Visit("series-announced", "/harbour/"),
        Visit("post", "/llm-primer-1/the-transformer-architecture/"),
        Visit("tags", "/tag/"),
        Visit("tag", "/tag/sea/"),
        Visit("archive", "/archive/"),
        Visit("month", "/archive/2026-03/"),
        Visit("search", "/search?q=attention"),
        Visit("search-nothing", "/search?q=atention"),
        Visit("not-found", "/nothing-here/"),
        Visit("outbox", "/outbox/"),
        Visit("sign-in", "/operator/sign-in"),
        Visit("sign-in-refused", "/operator/sign-in", act=lambda page: fill_in(page, "ada@example.org", "wrong")),
        Visit("code", "/operator/sign-in", act=lambda page: fill_in(page, "tom@example.org", PASSWORD)),
        Visit("welcome", links["welcome"]),
        Visit("new-password", links["reset"]),
        Visit("link-over", "/operator/welcome/gone"),
        Visit("enter", links["enter"]),
        Visit("today", "/operator/", "ada"),
        Visit("schedule", "/operator/schedule/?month=2026-03", "ada"),
        Visit("schedule-panel", "/operator/schedule/?month=2026-03", "ada", act=choose),
        Visit("schedule-ripple", "/operator/schedule/?month=2026-03", "ada", act=ask_for_a_move),
        Visit("schedule-one-series", "/operator/schedule/?month=2026-03&series=llm-primer-2", "ada"),
        Visit("schedule-empty", "/operator/schedule/?month=2031-01", "ada"),
        Visit("plan", "/operator/plan/harbour/", "ada"),
        Visit("plan-held", "/operator/plan/night/", "ada"),
        Visit("plan-toast", "/operator/plan/harbour/?done=harbour", "ada"),
        Visit("plan-viewer", "/operator/plan/harbour/", "vera"),
        Visit("chapter", "/operator/plan/harbour/h4/", "ada"),
        Visit("chapter-out", "/operator/plan/harbour/h1/", "ada"),
        Visit("chapter-draft", "/operator/plan/harbour/draft/", "ada"),
        Visit("record", "/operator/audit/", "ada"),
        Visit("operators", "/operator/operators/", "ada"),
        Visit("operators-link", "/operator/operators/", "ada", act=invite),
        Visit("refused-viewer", "/operator/operators/", "vera"),
        Visit("account", "/operator/account/", "ada"),
        Visit("second-factor", "/operator/account/second", "ada"),
    ]


def choose(page: Page) -> None:
    """A coming chapter in the list below the calendar; its panel opens."""
    page.locator(".agenda a", has_text="A letter from Bergen").click()
    page.wait_for_selector("#panel h2")


def ask_for_a_move(page: Page) -> None:
    choose(page)
    page.get_by_label("And the rest").check()
    page.get_by_label("To", exact=True).fill("2026-03-20")
    page.get_by_role("button", name="Show what moves", exact=True).click()
    page.wait_for_selector("#panel .diff")


def invite(page: Page) -> None:
    page.get_by_label("Email address").fill("una@example.org")
    page.get_by_role("button", name="Make a link").click()
    page.wait_for_selector(".link")


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def a_window(browser: Browser, url: str, who: str | None, **how: object) -> BrowserContext:
    """A browser of its own, in which this person is signed in."""
    context = browser.new_context(**how)  # type: ignore[arg-type]
    if who is not None:
        page = context.new_page()
        page.goto(f"{url}/operator/sign-in")
        fill_in(page, f"{who}@example.org", PASSWORD)
        page.close()
    return context
