"""Posts as people write them: a folder by the page, a chapter with its preview, a typo mended, two at one post."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from db import posts
from db import series as all_series
from tests.importers.test_pictures import SVG
from tests.making import the_post
from tests.web.browser import NEEDS_BROWSER
from tests.web.conftest import ON_SQLITE, Window
from tests.web.making import Shop, a_post, the_series_id
from tests.web.planning import a_plan

pytestmark = NEEDS_BROWSER
NEWS = "/operator/posts/primer/news/"


@pytest.fixture
def site(shop_on_both: Shop, site: str) -> str:
    """Five chapters that wait, the last on Friday 13 March, and one that is out."""
    a_plan(shop_on_both)
    a_post(shop_on_both, the_series_id(shop_on_both), "news", title="News", body="It raned.")
    return site


def opened(window: BrowserContext, address: str) -> Page:
    page = window.new_page()
    page.goto(address)
    return page


def body_of(shop: Shop, slug: str) -> str:
    with shop.store.reading() as session:
        return posts.by_slug(session, all_series.by_slug(session, "primer"), slug).words.body


def fourteen_chapters(folder: Path) -> Path:
    book = folder / "book"
    (book / "pictures").mkdir(parents=True)
    (book / "pictures" / "sea.svg").write_bytes(SVG)
    for number in range(6, 20):
        text = f"---\ntitle: Chapter {number}\nnumber: {number}\n---\n![The sea](pictures/sea.svg)\n"
        (book / f"{number:02}.md").write_text(text)
    return book


def send_folder(page: Page, folder: Path) -> None:
    page.get_by_label("A folder").set_input_files(folder)
    page.get_by_role("button", name="Show what would happen").click()


def test_ada_imports_fourteen_chapters_from_a_folder_and_again_only_what_changed(
    shop_on_both: Shop, site: str, ada: BrowserContext, tmp_path: Path
):
    folder = fourteen_chapters(tmp_path)
    page = opened(ada, f"{site}/operator/posts/")
    page.get_by_role("link", name="Import a folder").click()
    send_folder(page, folder)

    row = page.locator("tbody tr", has_text="Chapter 19")
    expect(row).to_contain_text("new")
    expect(row).to_contain_text("Thu 2 Apr, 07:00 Europe/Riga")
    expect(page.locator("tbody tr")).to_have_count(14)
    page.get_by_role("button", name="Apply to 14 posts").click()
    expect(page.get_by_role("status")).to_contain_text("14 posts were taken in or changed.")
    assert the_post(shop_on_both.store, "chapter-19").state == "planned"

    (folder / "06.md").write_text("---\ntitle: Chapter 6\nnumber: 6\n---\nOther words.\n")
    page.get_by_role("link", name="Import a folder").click()
    send_folder(page, folder)
    expect(page.locator(".lead")).to_contain_text("0 new, 1 changed, 13 the same.")
    page.get_by_role("button", name="Apply to 1 post").click()
    expect(page.get_by_role("status")).to_contain_text("1 post was taken in or changed.")
    assert body_of(shop_on_both, "chapter-6") == "Other words.\n"


@ON_SQLITE
def test_ada_writes_sees_it_beside_and_saves(shop_on_both: Shop, site: str, ada: BrowserContext, tmp_path: Path):
    (tmp_path / "The Sea.svg").write_bytes(SVG)
    page = opened(ada, f"{site}/operator/posts/")
    page.get_by_role("link", name="Write a post").click()

    page.get_by_label("Title").fill("Salt")
    page.get_by_label("Text, in Markdown").fill("It *tastes* of sea.\n\n![The sea](the-sea.svg)")
    preview = page.locator("#preview")
    expect(preview.locator("em")).to_have_text("tastes")
    expect(preview.locator(".warnings")).to_contain_text("Line 3: the image `the-sea.svg` is not there")
    page.get_by_label("Add pictures").set_input_files(tmp_path / "The Sea.svg")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(preview.get_by_role("img", name="The sea")).to_be_visible()
    assert preview.get_by_role("img", name="The sea").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_contain_text("Saved as revision 1.")
    assert body_of(shop_on_both, "salt") == "It *tastes* of sea.\n\n![The sea](the-sea.svg)"
    page.get_by_role("link", name="Put it into the plan").click()
    page.get_by_role("button", name="Show what moves").click()
    page.get_by_role("button", name="Apply").click()
    page.goto(f"{site}/operator/posts/primer/salt/look/?view=page&width=phone&scheme=dark")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Salt")
    assert frame.get_by_role("img", name="The sea").evaluate("image => image.naturalWidth") > 0
    assert frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(25, 30, 32)"
    assert frame.locator("body").evaluate("body => innerWidth") == 360


@ON_SQLITE
def test_pictures_are_shown_where_ada_writes_and_wait_for_their_words(
    shop_on_both: Shop, ada: BrowserContext, site: str, tmp_path: Path
):
    (tmp_path / "The Sea.svg").write_bytes(SVG)
    (tmp_path / "Fog.svg").write_bytes(SVG)
    page = opened(ada, f"{site}/operator/posts/-/new?series=primer")
    page.get_by_label("Title").fill("Salt")
    text = page.get_by_label("Text, in Markdown")
    text.fill("It rains 🌧.\n\nAnd that is all.")
    for key in ("Control+Home", "ArrowDown", "Enter"):
        text.press(key)

    page.get_by_label("Add pictures").set_input_files([tmp_path / "The Sea.svg", tmp_path / "Fog.svg"])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("fieldset.files code")).to_have_count(2)
    page.keyboard.type("The sea")

    expect(text).to_have_value("It rains 🌧.\n\n![The sea](the-sea.svg)\n\n![](fog.svg)\nAnd that is all.")
    expect(page.locator("#preview").get_by_role("img", name="The sea")).to_be_visible()


@ON_SQLITE
def test_ada_fixes_a_typo_after_release_and_sees_who_changed_what(shop_on_both: Shop, site: str, ada: BrowserContext):
    page = opened(ada, f"{site}/operator/posts/?state=released")
    page.get_by_role("link", name="News").click()
    page.get_by_label("Text, in Markdown").fill("It rained.")
    expect(page.locator(".correction")).to_contain_text("mail nobody")
    page.get_by_role("button", name="Save the correction").click()

    expect(page.get_by_role("status")).to_contain_text("The feeds follow within moments; nobody is mailed.")
    readers = opened(ada, f"{site}/primer/news/")
    expect(readers.locator(".prose")).to_have_text("It rained.")
    page.get_by_role("link", name="Revisions").click()
    expect(page.locator(".changes del")).to_have_text("raned.")
    expect(page.locator(".changes ins")).to_have_text("rained.")
    expect(page.locator("tbody tr").first).to_contain_text("ada@example.org")


@ON_SQLITE
def test_two_who_edit_one_post_are_told_and_both_keep_what_they_wrote(
    shop_on_both: Shop, site: str, ada: BrowserContext, window: Window
):
    hers, his = opened(ada, site + NEWS), opened(window(site, "ed"), site + NEWS)
    his.get_by_label("Text, in Markdown").fill("It poured.")
    his.get_by_role("button", name="Save the correction").click()
    his.get_by_role("status").wait_for()

    hers.get_by_label("Text, in Markdown").fill("It rained.")
    hers.get_by_role("button", name="Save the correction").click()

    expect(hers.locator(".conflict")).to_contain_text("ed@example.org was faster")
    expect(hers.locator(".conflict ins").first).to_have_text("poured.")
    expect(hers.get_by_label("Text, in Markdown")).to_have_value("It rained.")
    assert body_of(shop_on_both, "news") == "It poured."
    hers.get_by_role("button", name="Save mine over it").click()
    hers.get_by_role("status").wait_for()
    assert body_of(shop_on_both, "news") == "It rained."


@ON_SQLITE
def test_writing_works_without_scripts(shop_on_both: Shop, site: str, window: Window):
    page = opened(window(site, "ada", java_script_enabled=False), site + NEWS)

    page.get_by_label("Text, in Markdown").fill("It *rained*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview em")).to_have_text("rained")
    page.get_by_role("button", name="Save the correction").click()

    expect(page.get_by_role("status")).to_contain_text("Saved as revision 2.")
    assert body_of(shop_on_both, "news") == "It *rained*."
