"""A folder or a ZIP by the page: shown as it would be taken in, taken in as shown, or refused with nothing written."""

import io
import re
import zipfile

import httpx
import pytest

from db import posts
from db import series as all_series
from db.states import Role
from tests.importers.test_pictures import SVG
from tests.making import a_house, contents, the_post
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.staff import Browser, a_browser_of

IMPORT = "/operator/posts/-/import"
RAIN = "---\ntitle: Rain\nnumber: 6\nsummary: Rain.\n---\nIt rained.\n\n![The sea](sea.svg)\n"
FOG = "---\ntitle: Fog\nnumber: 7\nsummary: Fog.\n---\nAnd then fog.\n"
BOOK = {"book/06-rain.md": RAIN.encode(), "book/07-fog.md": FOG.encode(), "book/sea.svg": SVG}


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    """Five chapters on weekdays at 07:00, the last on Friday 13 March."""
    a_plan(shop_on_both)
    return shop_on_both


def a_zip(files: dict[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def sent_folder(browser: Browser, files: dict[str, bytes], *, series: str = "primer") -> httpx.Response:
    parts = [("folder", name, body) for name, body in files.items()]
    return browser.send(IMPORT, {"series": series}, *parts)


def sent_zip(browser: Browser, body: bytes) -> httpx.Response:
    return browser.send(IMPORT, {"series": "primer"}, ("zip", "book.zip", body))


def rows_of(page: str) -> list[str]:
    """The rows of the preview, as words alone."""
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in table.split("</tr>")[:-1]]


def applied(browser: Browser, preview: httpx.Response, **more: str) -> httpx.Response:
    seen = re.search(r'name="hash" value="([^"]*)"', preview.text)
    assert seen is not None
    return browser.post(preview.request.url.path, {"hash": seen[1], **more})


def without_uploads(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """All that is in the store but for what waits there and who came in."""
    aside = ("media", "post_uploads", "sign_ins", "attempts", "audit", "operators")
    return {name: rows for name, rows in contents(shop.store).items() if name not in aside}


def test_the_preview_tells_what_lint_would_find_in_the_plan_then_and_lint_finds_it(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    seventh = {"book/07-fog.md": FOG.replace("summary: Fog.", "").encode()}

    preview = ed.follow(sent_folder(ed, seventh))
    before = ed.get("/operator/findings/").text
    ed.follow(applied(ed, preview))

    assert rows_of(preview.text)[0].endswith("07-fog.md ! warning fog has an empty summary")
    assert "there is no 6, though there is 7" in preview.text
    assert "there is no 6, though there is 7" not in before
    assert "there is no 6, though there is 7" in ed.get("/operator/findings/").text


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_ed_sees_what_would_be_taken_in_then_takes_it_in(shop: Shop, kind: str):
    ed = a_browser_of(shop, Role.editor)
    before = without_uploads(shop)

    answer = sent_folder(ed, BOOK) if kind == "folder" else sent_zip(ed, a_zip(BOOK))
    preview = ed.follow(answer)
    seen = without_uploads(shop)
    done = ed.follow(applied(ed, preview))

    assert rows_of(preview.text) == [
        "6 Rain + new Mon 16 Mar, 07:00 Europe/Riga 06-rain.md",
        "7 Fog + new Tue 17 Mar, 07:00 Europe/Riga 07-fog.md",
    ]
    assert seen == before
    assert "2 posts were taken in or changed." in done.text
    assert f"{the_post(shop.store, 'fog').wall:%Y-%m-%d %H:%M}" == "2026-03-17 07:00"
    with shop.store.reading() as session:
        rain = posts.by_slug(session, all_series.by_slug(session, "primer"), "rain")
        assert list(posts.media_of(session, [rain.words.id])[rain.words.id]) == ["sea.svg"]
        assert rain.words.actor == "editor@example.org"


def test_the_same_folder_again_is_nothing_to_do_and_a_changed_one_only_what_changed(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    applied(ed, ed.follow(sent_folder(ed, BOOK)))

    same = ed.follow(sent_folder(ed, BOOK)).text
    changed = ed.follow(sent_folder(ed, BOOK | {"book/07-fog.md": FOG.replace("fog.", "ice.").encode()})).text

    assert "Nothing in it is new" in same
    assert [" ".join(row.split()[:4]) for row in rows_of(changed)] == ["6 Rain = the", "7 Fog ≠ changed"]
    assert "Apply to 1 post" in changed


def test_what_is_wrong_is_named_by_file_and_line_and_nothing_is_written(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    before = without_uploads(shop)
    wrong = {"book/06-rain.md": RAIN.encode(), "book/07-fog.md": b"---\ntitel: Fog\n---\nFog.\n"}

    answer = sent_folder(ed, wrong)

    assert answer.status_code == 422
    assert rows_of(answer.text) == [
        "06-rain.md 8 the image `sea.svg` is not there; its path is read from the folder of its text.",
        "07-fog.md 2 `titel` is not a key we know. Did you mean `title`?",
        "07-fog.md 2 `title` is missing.",
    ]
    assert without_uploads(shop) == before


def test_a_plan_that_changed_meanwhile_is_shown_anew_and_nothing_is_done(shop: Shop):
    ed, ada = a_browser_of(shop, Role.editor), a_browser_of(shop, Role.owner)
    preview = ed.follow(sent_folder(ed, BOOK))
    other = ada.follow(sent_folder(ada, {"a/6.md": b"---\ntitle: Ice\nnumber: 5.5\n---\nIce.\n"}))
    applied(ada, other)

    answer = applied(ed, preview)

    assert answer.status_code == 409
    assert "changed since this was shown" in answer.text
    assert "Tue 17 Mar" in rows_of(answer.text)[0]
    assert applied(ed, answer).status_code == 303


def test_ed_is_told_of_words_that_would_take_the_place_of_others(shop: Shop):
    ed = a_browser_of(shop, Role.editor)
    applied(ed, ed.follow(sent_folder(ed, BOOK)))
    page = ed.get("/operator/posts/primer/fog/").text
    ed.send("/operator/posts/primer/fog/", _form(page) | {"body": "Thick fog.", "do": "save"})

    kept = ed.follow(sent_folder(ed, BOOK)).text
    over = ed.follow(sent_folder(ed, BOOK | {"book/07-fog.md": FOG.replace("fog.", "ice.").encode()})).text

    assert "Nothing in it is new" in kept
    assert "takes the place of what editor@example.org wrote here" in over


def _form(page: str) -> dict[str, str]:
    return {"title": "Fog", "slug": "fog", "number": "7", "revision": "1", "post": _post(page)}


def _post(page: str) -> str:
    found = re.search(r'name="post" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_post_dated_in_the_past_is_warned_of(shop: Shop):
    ed = a_browser_of(shop, Role.editor)

    page = ed.follow(sent_folder(ed, {"b/old.md": b"---\ntitle: Old\ndate: 2020-01-01\n---\n"})).text

    assert "comes out at once, as history, and nobody is mailed" in page
    assert "old has an empty body" in page


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "choose a folder of Markdown files"),
        ({"book/notes.txt": b"x"}, "holds no Markdown files"),
        ({"../book/1.md": b"x", "book/2.md": b"x"}, "leads out of its folder"),
    ],
)
def test_a_folder_that_cannot_be_read_is_refused_in_words(either: Shop, files: dict[str, bytes], said: str):
    a_house(either.store)
    a_plan(either)
    ed = a_browser_of(either, Role.editor)

    answer = sent_folder(ed, files)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_zip_that_is_none_is_refused_in_words(shop: Shop):
    ed = a_browser_of(shop, Role.editor)

    answer = sent_zip(ed, b"no archive")

    assert answer.status_code == 422
    assert "is no ZIP, or is cut off." in answer.text


def test_an_upload_is_its_senders_alone_and_gives_way_to_the_next(shop: Shop):
    ed, ada = a_browser_of(shop, Role.editor), a_browser_of(shop, Role.owner)
    first = sent_folder(ed, BOOK).headers["location"]
    by_ada = ada.get(first).status_code
    second = sent_folder(ed, BOOK).headers["location"]

    assert by_ada == 404
    assert ed.get(second).status_code == 200
    assert first == second or ed.get(first).status_code == 404


def test_a_series_must_be_named(shop: Shop):
    answer = sent_folder(a_browser_of(shop, Role.editor), BOOK, series="nowhere")

    assert answer.status_code == 422
    assert "say which series the posts belong to" in answer.text
