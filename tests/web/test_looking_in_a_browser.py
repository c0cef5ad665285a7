"""What operators look at: the month, one chapter in it, what a chapter becomes, how it goes; and whom they tell."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from db.engine import Store
from tests.making import at, in_threads, the_post
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.letterbox import read
from tests.web.making import Shop
from tests.web.newsroom import ONE_NEVER, Newsroom, a_newsroom
from tests.web.planning import a_plan
from tests.web.serving import serving
from tests.web.staff import an_operator
from tests.web.windows import settled

pytestmark = [*NEEDS_BROWSER, ON_SQLITE]


@pytest.fixture
def month(shop_on_both: Shop, site: str, ada: BrowserContext) -> Page:
    """March: two series of five chapters on weekdays at 07:00 in Riga, the first on Monday 9 March."""
    a_plan(shop_on_both)
    a_plan(shop_on_both, "harbour", title="The Harbour")
    page = ada.new_page()
    page.goto(f"{site}/operator/schedule/?month=2026-03")
    return settled(page)


def wall_of(shop: Shop, slug: str) -> str:
    return f"{the_post(shop.store, slug).wall:%d %H:%M}"


def colour_of(words: Locator) -> str:
    return words.evaluate("found => getComputedStyle(found).color")


def test_ada_sees_the_month_over_all_series_and_opens_a_chapter_with_the_keyboard(month: Page):
    monday = month.locator('td[data-date="2026-03-09"]')
    expect(month.locator("td.today")).to_have_attribute("data-date", "2026-03-06")
    expect(month.locator("td.today .mark")).to_have_text("today")
    expect(monday.locator("li")).to_have_count(2)
    expect(monday.locator("li .state").first).to_have_text("○ planned")
    expect(month.locator(".zones")).to_contain_text("Times of Europe/Riga.")
    expect(month.locator(".agenda li")).to_have_count(10)
    expect(month.locator(".agenda li").first).to_contain_text("Mon 9 Mar, 07:00 Europe/Riga")
    primer, harbour = (monday.locator(".spine", has_text=title) for title in ("The Primer", "The Harbour"))
    assert colour_of(primer) != colour_of(harbour)

    month.locator("#day-harbour-c1").focus()
    month.keyboard.press("Enter")

    expect(month.locator("#panel h2")).to_have_text("1 Chapter 1")
    expect(month.locator("#panel").get_by_role("link", name="The Harbour")).to_be_visible()


@pytest.fixture
def plan(shop_on_both: Shop, site: str, ada: BrowserContext) -> Page:
    a_plan(shop_on_both)
    page = ada.new_page()
    page.goto(f"{site}/operator/plan/primer/")
    return settled(page)


def test_a_date_that_is_typed_moves_nothing_when_ada_cancels_and_an_undo_stays(
    shop_on_both: Shop, site: str, plan: Page
):
    plan.get_by_role("link", name="2 Chapter 2").click()
    plan.get_by_label("To", exact=True).fill("2026-03-14")
    plan.get_by_role("button", name="Show what moves", exact=True).click()
    expect(plan.locator("#panel .sum")).to_contain_text("1 chapter moves")
    expect(plan.locator("#panel .diff del")).to_have_text("Tue 10 Mar, 07:00")
    expect(plan.locator("#panel .diff ins")).to_have_text("Sat 14 Mar, 07:00")
    plan.get_by_role("link", name="Cancel").click()
    cancelled = wall_of(shop_on_both, "c2")

    plan.get_by_role("link", name="2 Chapter 2").click()
    plan.get_by_label("To", exact=True).fill("2026-03-16")
    plan.get_by_label("And the rest").check()
    plan.get_by_role("button", name="Show what moves", exact=True).click()
    plan.get_by_role("button", name="Apply 4 moves").click()
    expect(plan.locator(".toast")).to_be_visible()
    moved = wall_of(shop_on_both, "c2")
    plan.goto(f"{site}/operator/")
    plan.goto(f"{site}/operator/plan/primer/")
    settled(plan).get_by_role("button", name="Undo").click()

    expect(plan.locator(".toast")).to_contain_text("undo")
    assert (cancelled, moved, wall_of(shop_on_both, "c2")) == ("10 07:00", "16 07:00", "10 07:00")


def test_a_chapter_that_is_pinned_stays_when_the_others_begin_on_another_day(shop_on_both: Shop, plan: Page):
    plan.get_by_role("link", name="3 Chapter 3").click()
    plan.get_by_role("button", name="Pin it to this moment").click()
    plan.get_by_role("button", name="Apply", exact=True).click()
    expect(plan.locator(".toast")).to_be_visible()
    plan.get_by_role("link", name="3 Chapter 3").click()
    expect(plan.locator("#panel .state")).to_have_text("○ pinned")
    plan.reload()

    later = settled(plan).locator("details", has=plan.get_by_text("Begin on another day", exact=True))
    later.locator("summary").click()
    later.locator("[name=first]").fill("2026-03-10")
    later.get_by_role("button").click()
    plan.locator("#panel").get_by_role("button", name="Apply").click()

    expect(plan.locator(".toast")).to_contain_text("start all")
    walls = [wall_of(shop_on_both, slug) for slug in ("c1", "c2", "c3")]
    assert walls == ["10 07:00", "12 07:00", "11 07:00"]


def test_ada_looks_at_a_chapter_as_everything_it_becomes(shop_on_both: Shop, site: str, ada: BrowserContext):
    a_plan(shop_on_both)
    page = ada.new_page()
    page.goto(f"{site}/operator/posts/primer/c1/look/")
    frame, raw = page.frame_locator("iframe"), page.locator("pre.raw")

    expect(frame.locator("h1")).to_have_text("Chapter 1")
    page.get_by_role("link", name="Feed entry").click()
    expect(frame.locator("body")).to_contain_text("Some words.")
    page.get_by_role("link", name="Atom").click()
    expect(raw).to_contain_text("<title>Chapter 1</title>")
    page.get_by_role("link", name="RSS").click()
    expect(raw).to_contain_text("<item ")
    page.get_by_role("link", name="Letter, plain text").click()
    expect(raw).to_contain_text("Some *words*.")
    page.get_by_role("link", name="Letter, source").click()
    expect(raw).to_contain_text("To: ada@example.org")
    page.get_by_role("link", name="Letter", exact=True).click()
    expect(frame.locator("body")).to_contain_text("Some words.")
    light = frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    page.get_by_role("link", name="Phone").click()
    page.get_by_role("link", name="Dark").click()
    expect(page.locator("iframe.phone.dark")).to_be_visible()
    assert frame.locator("body").evaluate("body => innerWidth") == 360
    assert frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") != light


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    """On Monday the first chapter went to Ann and Cat; the mailbox of Ben is not there."""
    made = a_newsroom(store, tmp_path, "ann", "ben", "cat")
    an_operator(made.shop)
    sent(made, ONE_NEVER)
    return made


def sent(room: Newsroom, *script, **when) -> list[str]:
    """Whom a relay took letters for; in a thread of its own, since a browser keeps the loop of this one."""
    [relay] = in_threads(1, lambda: room.sends(*script, **when))
    return [str(read(one)) for one in relay.messages]


def test_ada_mends_a_chapter_and_writes_to_those_who_got_it(room: Newsroom, window: Window):
    with serving(room.shop.app()) as url:
        page = window(url, "ada").new_page()
        page.goto(f"{url}/operator/posts/primer/c1/")
        page.get_by_label("Text, in Markdown").fill("Some better words.")
        page.get_by_label("Also a note to those who got it by mail").check()
        page.get_by_role("button", name="Save the correction").click()
        expect(page.locator("#who + ul")).to_contain_text("can be told2")
        page.get_by_label("What has changed, in a line for readers").fill("The words are better now.")
        page.get_by_role("button", name="Send 2 letters").click()
        expect(page.get_by_role("status")).to_contain_text("The letters are being written")

    notes = sent(room, at=at("2026-03-09 06:00"))
    assert [f"To: {name} <{name.lower()}@readers.example>" in notes[n] for n, name in enumerate(("Ann", "Cat"))] == [
        True,
        True,
    ]
    assert len(notes) == 2
    assert all("The words are better now." in note for note in notes)


def test_ada_sees_how_it_goes_in_plots_with_their_numbers(room: Newsroom, window: Window):
    with serving(room.shop.app()) as url:
        page = window(url, "ada").new_page()
        page.goto(f"{url}/operator/")
        page.get_by_role("link", name="Figures", exact=True).click()
        drawn = [page.locator(f"#{plot} svg > *").first.bounding_box() for plot in ("readers", "moved", "letters")]
        page.locator("#letters summary").click()
        numbers = page.locator("#letters tbody tr").first.locator("td")

        expect(numbers).to_have_text(["2", "0", "0", "1"])
        assert all(box and box["width"] > 0 for box in drawn)
