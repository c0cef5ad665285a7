"""Readers' journeys, as people make them, all without scripts: from the site to a chapter, into letters, and out again.

Their mail program is the test: it opens the letters that the site wrote, and follows their links.
"""

import json
import re
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from db.engine import Store
from db.states import PostState
from db.tables import Edition, Series, Subscriber
from tests.making import in_threads
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.letterbox import letters_to, links_in, newest_link, read, state_of, subjects_to
from tests.web.making import Shop, a_post, a_series
from tests.web.newsroom import Newsroom, a_newsroom
from tests.web.serving import serving

pytestmark = NEEDS_BROWSER
ADA = "ada@example.org"
BODY = "Some words with `code` and $e^{i\\pi} = -1$."


@pytest.fixture
def site(shop_on_both: Shop, site: str) -> str:
    """Three chapters of The Primer are out, one is announced for Tuesday 10 March; there is another series."""
    series = a_series(shop_on_both, announces=True)
    for number, title in enumerate(("Rain", "Fog", "Snow"), 1):
        due = datetime(2026, 3, 1 + number, 7)
        a_post(
            shop_on_both, series, title.lower(), title=title, number=str(number), position=number, due=due, body=BODY
        )
    waits = datetime(2026, 3, 10, 7)
    a_post(shop_on_both, series, "sun", number="4", position=4, state=PostState.planned, due=waits)
    a_series(shop_on_both, "harbour", title="The Harbour")
    with shop_on_both.store.writing() as session:
        session.get_one(Series, series).last_seq = 1_000_000
    return site


@pytest.fixture
def reader(site: str, window: Window) -> BrowserContext:
    """Somebody who has scripts switched off."""
    return window(site, java_script_enabled=False)


def opened(reader: BrowserContext, address: str) -> Page:
    page = reader.new_page()
    page.goto(address)
    return page


def confirmed(shop: Shop, page: Page, site: str) -> None:
    """The letter that asks is opened, its link followed and its button pressed."""
    page.goto(site + newest_link(shop, ADA))
    page.get_by_role("button", name="Yes, send me the letters").click()
    expect(page.locator("h1")).to_have_text("You are in.")


def subscribed(shop: Shop, page: Page, site: str) -> None:
    """Ada reads The Primer, and looks at her preferences by the link of the welcome letter."""
    page.goto(f"{site}/primer/")
    page.get_by_label("Your mail address").fill(ADA)
    page.get_by_role("button", name="Send me letters").click()
    confirmed(shop, page, site)
    page.goto(site + newest_link(shop, ADA, "preferences"))


def test_ada_subscribes_confirms_is_welcomed_prefers_and_leaves(shop_on_both: Shop, site: str, reader: BrowserContext):
    page = opened(reader, f"{site}/primer/")
    page.get_by_label("Your mail address").fill(ADA)
    page.get_by_role("button", name="Send me letters").click()
    expect(page.locator("h1")).to_have_text("Look into your mail")
    asked = state_of(shop_on_both, ADA)
    confirmed(shop_on_both, page, site)
    welcome = letters_to(shop_on_both, ADA)[-1]
    assert (asked, state_of(shop_on_both, ADA)) == ("pending", "active")
    assert str(welcome["Subject"]).startswith("Welcome")

    page.goto(site + newest_link(shop_on_both, ADA, "preferences"))
    page.get_by_label("Hour").select_option("21")
    page.get_by_label("Form").select_option("plain text")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("Hour")).to_have_value("21")
    page.get_by_label("How often The Primer comes").select_option("weekly, on Monday")
    page.get_by_role("button", name="Save the series").click()
    expect(page.get_by_label("How often The Primer comes")).to_have_value("weekly:monday")

    [leave] = [link for link in links_in(welcome) if link.startswith("/unsubscribe/")]
    page.goto(site + leave)
    expect(page.locator("h1")).to_have_text("Stop the letters?")
    page.get_by_role("button", name="Stop all letters").click()
    expect(page.locator("h1")).to_have_text("Done. No more letters.")
    assert state_of(shop_on_both, ADA) == "left"


@ON_SQLITE
def test_ada_begins_with_the_first_chapter_has_the_next_at_once_and_makes_a_pause(
    shop_on_both: Shop, site: str, reader: BrowserContext
):
    page = opened(reader, f"{site}/primer/")
    page.get_by_role("link", name="Another hour or zone, weekly, or from the first chapter on").click()
    page.get_by_label("Mail address").fill(ADA)
    page.get_by_label("Beginning").select_option("with the first, one chapter every other day")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Send me a letter to confirm").click()
    confirmed(shop_on_both, page, site)

    page.goto(site + newest_link(shop_on_both, ADA, "preferences"))
    expect(page.locator("main")).to_contain_text("The next chapter comes on Saturday 7 March")
    page.get_by_role("button", name="The next chapter now").click()
    expect(page.get_by_role("status")).to_have_text("The next chapter is on its way.")
    with shop_on_both.store.reading() as session:
        assert session.scalars(select(Edition.kind).where(Edition.kind == "personal")).all() == ["personal"]
    page.get_by_label("Pause until this day").fill("2026-03-20")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("heading", name="Paused until")).to_have_text("Paused until Friday 20 March 2026")
    page.get_by_role("button", name="End the pause").click()
    expect(page.get_by_role("heading", name="Paused until")).to_have_count(0)
    assert state_of(shop_on_both, ADA) == "active"


@ON_SQLITE
def test_a_reader_walks_from_the_site_through_the_chapters_to_the_feed(site: str, reader: BrowserContext):
    page = opened(reader, site)
    page.get_by_role("link", name="The Primer").first.click()
    expect(page.locator(".contents li")).to_have_text([re.compile(one) for one in ("Rain", "Fog", "Snow", "Chapter 4")])
    expect(page.locator(".coming")).to_contain_text("10 March")
    expect(page.locator(".follow")).to_contain_text("A feed reader is an app that collects new chapters")
    offered = page.locator('link[rel="alternate"]').evaluate_all(
        "links => links.map(one => new URL(one.href).pathname)"
    )

    page.get_by_role("link", name="Fog").click()
    assert page.locator("math").count() == 1
    page.get_by_role("link", name="Next →").click()
    expect(page.locator("h1")).to_have_text("Snow")
    expect(page.get_by_role("link", name="Next →")).to_have_count(0)
    page.get_by_role("link", name="← Previous").click()
    page.get_by_role("link", name="← Previous").click()
    expect(page.locator("h1")).to_have_text("Rain")
    assert offered == ["/primer/feed.atom", "/primer/feed.rss", "/primer/feed.json", "/primer/schedule.ics"]
    assert page.get_by_role("link", name="Atom feed").get_attribute("href") == "/primer/feed.atom"


@ON_SQLITE
def test_ada_fetches_all_that_is_kept_of_her_and_has_it_erased(shop_on_both: Shop, site: str, reader: BrowserContext):
    page = reader.new_page()
    subscribed(shop_on_both, page, site)
    mine = page.url

    page.get_by_role("button", name="Fetch my data").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing happens before its link is followed")
    page.goto(site + newest_link(shop_on_both, ADA))
    with page.expect_download() as download:
        page.get_by_role("button", name="Fetch my data").click()
    data = json.loads(download.value.path().read_text())
    page.goto(mine)
    page.get_by_role("button", name="Erase everything").click()
    page.goto(site + newest_link(shop_on_both, ADA))
    page.get_by_role("button", name="Erase everything").click()

    expect(page.locator("h1")).to_have_text("All of it is gone.")
    assert data["subscriber"]["address"] == ADA
    assert [one["series"] for one in data["subscriptions"]] == ["primer"]
    with shop_on_both.store.reading() as session:
        assert session.scalars(select(Subscriber)).all() == []


@ON_SQLITE
def test_who_reads_in_german_is_spoken_and_written_to_in_german_until_they_choose_another_language(
    shop_on_both: Shop, site: str, reader: BrowserContext
):
    a_series(shop_on_both, "hafen", title="Der Hafen", language="de")
    page = opened(reader, f"{site}/hafen/")
    page.locator("#email").fill(ADA)
    page.get_by_role("button", name="Briefe bestellen").click()
    expect(page.locator("h1")).to_have_text("Sehen Sie in Ihre Post")
    assert subjects_to(shop_on_both, ADA) == ["Bestätigen Sie Ihre Briefe von My serials"]
    page.goto(site + newest_link(shop_on_both, ADA))
    page.get_by_role("button", name="Ja, senden Sie mir die Briefe").click()

    page.goto(site + newest_link(shop_on_both, ADA, "preferences"))
    assert page.locator("html").get_attribute("lang") == "de"
    page.locator("#language").select_option("English")
    page.get_by_role("button", name="Speichern", exact=True).click()

    expect(page.locator("h1")).to_have_text("Your letters")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "ada")


@pytest.fixture
def digest(room: Newsroom) -> EmailMessage:
    """The letter that a relay took for Ada."""
    # In a thread of its own: a browser keeps the loop of this one.
    [relay] = in_threads(1, room.sends)
    return read(relay.messages[0])


def path_in(text: str, kind: str) -> str:
    return re.findall(rf"https://example\.org(/{kind}/[\w-]+)", text)[0]


@ON_SQLITE
def test_ada_reads_a_letter_in_the_browser_and_leaves_by_one_click_of_her_mail_program(
    room: Newsroom, digest: EmailMessage, window: Window
):
    with serving(room.shop.app()) as url:
        reader = window(url, java_script_enabled=False)
        page = opened(reader, url + path_in(digest.get_body(("plain",)).get_content(), "letters"))
        expect(page.locator("h1, h2").filter(has_text="Chapter 1").first).to_be_visible()
        read_there = room.reader("ada").state
        one_click = url + path_in(str(digest["List-Unsubscribe"]), "unsubscribe")
        answer = reader.request.post(one_click, form={"List-Unsubscribe": "One-Click"}, max_redirects=0)

    assert (read_there, answer.status, room.reader("ada").state) == ("active", 200, "left")
