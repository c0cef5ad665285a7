"""Operators at work while letters go out: in a real browser, with a real worker and a real relay."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.mail.faults import Fault, says
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.letterbox import read
from tests.web.running_house import House, a_running_house
from timing.clocks import machine_now

pytestmark = NEEDS_BROWSER
NAMES = ("ann", "ben", "cat", "dov", "eli", "fay", "gus", "hal")
SOON = 60_000
"""Milliseconds that a busy machine may take; nothing waits for them to pass."""


@pytest.fixture
def house(store_url: str, tmp_path: Path) -> Iterator[House]:
    with a_running_house(store_url, tmp_path) as running:
        yield running


def a_page(window: Window, house: House, who: str, **how: object) -> Page:
    page = window(house.url, who, **how).new_page()
    page.set_default_timeout(SOON)
    page.goto(f"{house.url}/operator/")
    return page


def count_of(page: Page, name: str):
    """Where a page says how many letters are in a state."""
    return page.locator("#progress .counts div", has=page.get_by_text(name, exact=True)).locator("dd")


def test_ed_watches_an_edition_go_out_pauses_it_and_lets_it_go_on(house: House, window: Window):
    house.readers(*NAMES, frequency="instant")
    house.post("one", due_in=timedelta(seconds=-1))
    house.release()
    page = a_page(window, house, "ed")

    page.get_by_role("link", name="Editions", exact=True).click()
    page.locator("#now-going").get_by_role("link").click()
    house.gate.let_through(3)
    expect(count_of(page, "sent")).to_have_text("3", timeout=SOON)
    page.get_by_label("Why").fill("a wrong picture")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=SOON)
    house.gate.open()
    stopped_at = len(house.relay.accepted)
    expect(page.locator("#course")).to_contain_text("a wrong picture")
    page.get_by_role("button", name="Resume").click()

    expect(page.locator("main .state").first).to_contain_text("finished", timeout=SOON)
    expect(count_of(page, "sent")).to_have_text("8")
    assert stopped_at <= 3 + 2
    assert house.recipients() == [f"{name}@readers.example" for name in NAMES]
    assert page.locator("[hx-trigger]").count() == 0
    page.get_by_role("link", name="Figures", exact=True).click()
    page.locator("#letters summary").click()
    expect(page.locator("#letters tbody tr").first.locator("td").first).to_have_text("8")


@pytest.fixture
def small_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    busy = [Fault("RCPT", says("450 4.2.1 mailbox busy"), recipient="ben@readers.example", times=1)]
    with a_running_house(store_url, tmp_path, busy) as running:
        running.gate.open()
        yield running


def test_ed_finds_out_why_ben_did_not_get_it_and_has_it_tried_again(small_house: House, window: Window):
    small_house.readers("ann", "ben", frequency="instant")
    small_house.post("one", due_in=timedelta(seconds=-1))
    small_house.release()
    page = a_page(window, small_house, "ed")
    page.get_by_role("link", name="Editions", exact=True).click()
    page.locator("#now-going").get_by_role("link").click()
    expect(count_of(page, "refused for now")).to_have_text("1", timeout=SOON)

    page.get_by_role("link", name="Readers", exact=True).click()
    page.get_by_label("Address, or how it begins").fill("ben")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="ben@readers.example").click()
    row = page.locator("section[aria-labelledby=letters] tbody tr")
    expect(row).to_contain_text("450 4.2.1 mailbox busy")
    expect(row).to_contain_text("tried again")
    row.get_by_role("link").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Try the chosen now").click()

    expect(page.locator("main .state").first).to_contain_text("finished", timeout=SOON)
    assert small_house.recipients() == ["ann@readers.example", "ben@readers.example"]


@ON_SQLITE
def test_ada_looks_ahead_reads_the_letter_and_has_it_sent_to_herself(small_house: House, window: Window):
    small_house.readers("ann", "ben", frequency="daily")
    small_house.post("tide", due_in=timedelta(days=2))
    page = a_page(window, small_house, "ada")
    day = (machine_now() + timedelta(days=2)).date().isoformat()

    page.get_by_role("link", name="Editions", exact=True).click()
    page.get_by_role("link", name="What happens on a day to come").click()
    page.get_by_label("Day").fill(day)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main ol")).to_contain_text("Chapter tide")
    expect(page.locator("main")).to_contain_text("primer/feed")
    page.get_by_role("link", name="its letter").click()
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Some words.")
    page.get_by_role("button", name="Send it to ada@example.org on trial").click()

    expect(count_of(page, "sent")).to_have_text("1", timeout=SOON)
    assert small_house.recipients() == ["ada@example.org"]
    assert str(read(small_house.relay.messages[0])["Subject"]).startswith("[Test] Chapter tide")


@ON_SQLITE
def test_ada_brings_a_list_and_takes_the_refused_lines_home(small_house: House, window: Window, tmp_path: Path):
    lines = ["email,hour", *(f"reader{number}@readers.example,7" for number in range(50)), "nobody,7"]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n")
    page = a_page(window, small_house, "ada")

    page.get_by_role("link", name="Readers", exact=True).click()
    page.get_by_role("link", name="Bring a list").click()
    page.get_by_label("File").set_input_files(tmp_path / "mine.csv")
    page.get_by_label("Leave out lines that cannot be taken in").check()
    page.get_by_role("button", name="Send it").click()

    expect(page.locator("#progress .planned")).to_have_text("Is in", timeout=SOON)
    expect(page.locator("#progress .counts")).to_contain_text("50")
    with page.expect_download() as download:
        page.get_by_role("link", name="All of them as a file").click()
    assert download.value.path().read_text().splitlines()[1].startswith("52,nobody,")
    page.get_by_role("link", name="Readers", exact=True).click()
    expect(page.locator(".counts")).to_contain_text("50")


@ON_SQLITE
def test_without_scripts_a_page_shows_how_it_is_at_that_moment(small_house: House, window: Window):
    small_house.readers("ann", "ben", frequency="instant")
    small_house.post("one", due_in=timedelta(seconds=-1))
    watched = a_page(window, small_house, "ed")
    small_house.release()
    watched.goto(f"{small_house.url}/operator/editions/1/")
    expect(count_of(watched, "refused for now")).to_have_text("1", timeout=SOON)

    page = a_page(window, small_house, "ed", java_script_enabled=False)
    page.goto(f"{small_house.url}/operator/editions/1/")

    expect(count_of(page, "sent")).to_have_text("1")
    page.get_by_role("button", name="Try refused letters now").click()
    expect(watched.locator("main .state").first).to_contain_text("finished", timeout=SOON)
    page.reload()
    expect(count_of(page, "sent")).to_have_text("2")
