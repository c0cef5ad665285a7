"""An operator's journeys on the schedule, as people make them: a series from nothing, and each thing done to it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from db import series as all_series
from tests.making import a_source, taken_in, the_post
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.making import NOW, Shop
from tests.web.planning import a_plan
from tests.web.windows import settled

pytestmark = NEEDS_BROWSER


@pytest.fixture
def ed(site: str, window: Window) -> BrowserContext:
    return window(site, "ed", timezone_id="America/New_York")


@pytest.fixture
def plan(shop_on_both: Shop, site: str, ed: BrowserContext) -> Page:
    """The plan of five chapters on weekdays at 07:00 in Riga, the first on Monday 9 March."""
    a_plan(shop_on_both)
    page = ed.new_page()
    page.goto(f"{site}/operator/plan/primer/")
    return settled(page)


def walls(shop: Shop, *slugs: str) -> list[str]:
    found = (the_post(shop.store, slug).wall for slug in slugs)
    return [f"{wall:%d %H:%M}" if wall else "–" for wall in found]


def history(plan: Page) -> Locator:
    """The lines of who changed a plan, the newest first."""
    return plan.locator("section", has=plan.locator("#history")).locator("li")


def test_ed_sets_up_a_series_and_sees_its_slots_while_typing(shop_on_both: Shop, site: str, ed: BrowserContext):
    page = ed.new_page()
    page.goto(f"{site}/operator/schedule/")
    page.get_by_role("link", name="Set up a series").click()

    expect(page.get_by_label("Time zone")).to_have_value("America/New_York")
    expect(page.get_by_text("It is your browser’s.")).to_be_visible()
    expect(page.locator("#slots")).to_contain_text("Clocks of America/New_York")
    page.get_by_label("Title, as readers see it").fill("The Harbour")
    page.get_by_label("When its chapters come").fill("tuesdays and fridays at 18:30 from 10 March 2026")
    expect(page.locator("#slots li")).to_have_count(10)
    expect(page.locator("#slots li").first).to_have_text("Tue 10 Mar, 18:30")
    expect(page.locator("#slots")).to_contain_text("Clocks of America/New_York")
    page.get_by_role("button", name="Set it up").click()

    expect(page.get_by_role("heading", name="The Harbour")).to_be_visible()
    expect(page.locator("ol.steps")).to_contain_text("fascicle import FOLDER --series the-harbour")
    with shop_on_both.store.reading() as session:
        assert all_series.by_slug(session, "the-harbour").zone == "America/New_York"


@ON_SQLITE
def test_words_that_cannot_be_read_are_told_before_anything_is_sent(site: str, ed: BrowserContext):
    page = ed.new_page()
    page.goto(f"{site}/operator/series/new")

    page.get_by_label("When its chapters come").fill("every full moon")

    expect(page.locator("#slots .problem")).to_contain_text("full moon")


def open_and_fill(summary: str, **fields: str) -> Callable[[Page], None]:
    """What is done in the panel of a whole series: a section opened, its fields filled, its outcome asked for."""

    def act(page: Page) -> None:
        section = page.locator("details", has=page.get_by_text(summary, exact=True))
        section.locator("summary").click()
        for name, value in fields.items():
            section.locator(f"[name={name}]").fill(value)
        section.get_by_role("button").click()

    return act


START = open_and_fill("Begin on another day", first="2026-03-16")
PAUSE = open_and_fill("Pause", first="2026-03-09", last="2026-03-10")
FAIR = open_and_fill("Close days", first="2026-03-10", reason="a fair")
HOLD = open_and_fill("Hold", reason="a court order")
DAILY = open_and_fill("Another rhythm", words="daily at 08:00 from 9 March 2026")


@ON_SQLITE
@pytest.mark.parametrize(
    ("act", "told", "button", "then"),
    [
        pytest.param(START, "5 chapters move", "Apply 5 moves", ["16 07:00", "20 07:00"], id="start"),
        pytest.param(PAUSE, "5 chapters move", "Apply 5 moves", ["11 07:00", "17 07:00"], id="pause"),
        pytest.param(FAIR, "4 chapters move; 1 slot skipped", "Apply 4 moves", ["09 07:00", "16 07:00"], id="blackout"),
        pytest.param(HOLD, "held: a court order", "Apply", ["09 07:00", "13 07:00"], id="hold"),
        pytest.param(DAILY, "5 chapters move", "Apply 5 moves", ["09 08:00", "13 08:00"], id="rhythm"),
    ],
)
def test_what_is_done_to_a_whole_series_is_shown_first(
    shop_on_both: Shop, plan: Page, act: Callable[[Page], None], told: str, button: str, then: list[str]
):
    before = walls(shop_on_both, "c1", "c5")

    act(plan)
    expect(plan.locator("#panel")).to_contain_text(told)
    assert walls(shop_on_both, "c1", "c5") == before
    plan.get_by_role("button", name=button, exact=True).click()

    expect(plan.locator(".toast")).to_be_visible()
    assert walls(shop_on_both, "c1", "c5") == then
    expect(history(plan).first).to_contain_text("ed@example.org")


@ON_SQLITE
def test_a_pause_ends_when_ed_resumes(shop_on_both: Shop, plan: Page):
    open_and_fill("Pause", reason="a rest")(plan)
    plan.get_by_role("button", name="Apply 5 moves").click()
    expect(plan.locator(".toast")).to_be_visible()
    assert walls(shop_on_both, "c1") == ["–"]

    open_and_fill("Go on after a pause", first="2026-03-12")(plan)
    plan.get_by_role("button", name="Apply 5 moves").click()

    expect(plan.locator(".toast")).to_contain_text("resume on 12 March 2026")
    assert walls(shop_on_both, "c1", "c2") == ["12 07:00", "13 07:00"]


@ON_SQLITE
def test_a_held_series_is_let_go_on_after_seeing_what_comes_out(shop_on_both: Shop, plan: Page):
    open_and_fill("Hold", reason="a court order")(plan)
    plan.get_by_role("button", name="Apply", exact=True).click()
    expect(plan.locator(".alarm")).to_contain_text("Held: a court order")

    settled(plan).get_by_role("button", name="Let it go on").click()
    expect(plan.locator("#panel")).to_contain_text("the hold is lifted")
    plan.get_by_role("button", name="Apply", exact=True).click()

    expect(plan.locator(".alarm")).to_have_count(0)
    with shop_on_both.store.reading() as session:
        assert all_series.by_slug(session, "primer").held_at is None


@ON_SQLITE
def test_two_chapters_change_places(shop_on_both: Shop, plan: Page):
    plan.get_by_role("link", name="1 Chapter 1").click()
    plan.get_by_label("Change places with").select_option(label="4 Chapter 4")
    plan.locator("form", has=plan.get_by_label("Change places with")).get_by_role("button").click()
    plan.get_by_role("button", name="Apply 2 moves").click()

    expect(plan.locator(".toast")).to_be_visible()
    assert walls(shop_on_both, "c1", "c4") == ["12 07:00", "09 07:00"]


@ON_SQLITE
def test_a_draft_is_put_in_and_the_rest_makes_room(shop_on_both: Shop, plan: Page):
    with shop_on_both.store.writing() as session:
        taken_in(session, all_series.by_slug(session, "primer"), [a_source("Late", slug="late", draft=True)], now=NOW)
    plan.reload()
    settled(plan)

    plan.get_by_role("link", name="Late").click()
    plan.get_by_label("Put it into the plan after").select_option(label="2 Chapter 2")
    plan.get_by_role("button", name="Show what moves").last.click()
    plan.get_by_role("button", name="Apply 4 moves").click()

    expect(plan.locator(".toast")).to_be_visible()
    assert walls(shop_on_both, "c2", "late", "c3", "c5") == ["10 07:00", "11 07:00", "12 07:00", "16 07:00"]


@ON_SQLITE
def test_what_was_done_is_undone_and_done_again_from_the_history(shop_on_both: Shop, plan: Page):
    open_and_fill("Begin on another day", first="2026-03-16")(plan)
    plan.get_by_role("button", name="Apply 5 moves").click()
    toast = plan.locator(".toast")
    expect(toast).to_contain_text("start all on 16 March 2026")

    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("undo: start all")
    undone = walls(shop_on_both, "c1")
    toast.get_by_role("button", name="Do it again").click()

    expect(toast).to_contain_text("redo: start all")
    assert undone == ["09 07:00"]
    assert walls(shop_on_both, "c1") == ["16 07:00"]
    # The first line is of the import that brought the chapters.
    expect(history(plan)).to_have_count(4)


@ON_SQLITE
def test_a_finding_in_the_calendar_is_mended_with_the_keyboard(shop_on_both: Shop, site: str, ed: BrowserContext):
    a_plan(shop_on_both)
    with shop_on_both.store.writing() as session:
        twin = a_source("The twin", slug="twin", number="5", wall=datetime(2026, 3, 16, 7))
        taken_in(session, all_series.by_slug(session, "primer"), [twin], now=NOW)
    page = ed.new_page()
    page.goto(f"{site}/operator/schedule/?month=2026-03")

    mark = page.locator('td[data-date="2026-03-16"] a.found.error')
    expect(mark).to_contain_text("number repeated")
    mark.focus()
    page.keyboard.press("Enter")
    mend = page.locator("li:target").get_by_role("button", name="Mend: another number")
    mend.focus()
    page.keyboard.press("Enter")
    apply = page.get_by_role("button", name="Apply", exact=True)
    apply.wait_for()
    apply.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("relabel twin as 6")
    expect(page.locator("a.found", has_text="number repeated")).to_have_count(0)
    assert the_post(shop_on_both.store, "twin").number == "6"
