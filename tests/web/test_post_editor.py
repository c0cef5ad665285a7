"""The editor: what is written becomes a revision, what is wrong is said, and nothing that was written is lost."""

import html
import re
from datetime import datetime

import httpx
import pytest
from sqlalchemy import func, select, update

from db import media, posts
from db import series as all_series
from db.states import PostState, Role
from db.tables import Audit, Media, Post
from scheduler import correct
from tests.making import feed_work_wanted, the_post
from tests.web.making import NOW, Shop, a_post, a_series
from tests.web.staff import Browser, a_browser_of

PNG = b"\x89PNG\r\n\x1a\n a very small picture"
RAIN = "/operator/posts/primer/rain/"


@pytest.fixture
def rain(shop_on_both: Shop) -> Shop:
    """One chapter that is out."""
    a_post(shop_on_both, a_series(shop_on_both), number="1", body="It raned.")
    return shop_on_both


def fields_of(page: str) -> dict[str, list[str]]:
    """What the form of an editor would send as it stands."""
    form = page[page.index('<form class="editor"') : page.index('<div class="row deeds">')]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        about = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if about["type"] in ("text", "hidden") or (about["type"] == "checkbox" and " checked" in tag):
            found.setdefault(about["name"], []).append(html.unescape(about.get("value", "")))
    body = re.search(r"<textarea [^>]*>\n(.*?)</textarea>", form, re.DOTALL)
    assert body is not None
    found["body"] = [html.unescape(body[1]).replace("\n", "\r\n")]
    return found


def sent(
    browser: Browser, page: str, path: str = RAIN, *pictures: tuple[str, bytes], do: str = "save", **changes: str
) -> httpx.Response:
    form = fields_of(page) | {name: [value] for name, value in changes.items()} | {"do": [do]}
    return browser.send(path, form, *(("pictures", name, body) for name, body in pictures))  # type: ignore[arg-type]


def body_of(shop: Shop, slug: str = "rain") -> str:
    with shop.store.reading() as session:
        return posts.by_slug(session, all_series.by_slug(session, "primer"), slug).words.body


def test_ed_corrects_a_chapter_that_is_out_and_the_page_says_what_follows(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    answer = sent(ed, ed.get(RAIN).text, body="It rained.\r\nAll day.")

    page = ed.follow(answer).text
    assert body_of(rain) == "It rained.\nAll day."
    assert "Saved as revision 2. The feeds follow within moments; nobody is mailed." in page
    assert feed_work_wanted(rain.store)["all"] == 1
    assert "It rained.\nAll day." in rain.get("/primer/rain/").text


def test_a_page_that_is_saved_as_it_was_makes_no_revision(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    first = sent(ed, ed.get(RAIN).text, body="One.\n\n* two\n", tags="Sea, Fog")

    again = sent(ed, ed.follow(first).text)

    assert again.headers["location"].endswith("?saved=same")
    assert the_post(rain.store, "rain").revision_id == last_revision(rain)


def last_revision(shop: Shop) -> int:
    with shop.store.reading() as session:
        return session.scalars(select(func.max(Post.revision_id))).one()


def test_whoever_was_slower_is_told_sees_both_and_loses_nothing(rain: Shop):
    ada, ed = a_browser_of(rain, Role.owner), a_browser_of(rain, Role.editor)
    hers, his = ada.get(RAIN).text, ed.get(RAIN).text
    sent(ed, his, body="It poured.")

    answer = sent(ada, hers, body="It rained <softly>.")

    assert answer.status_code == 409
    assert "editor@example.org was faster" in answer.text
    assert "<del>raned.</del>" in answer.text
    assert "<ins>poured.</ins>" in answer.text
    assert fields_of(answer.text)["body"] == ["It rained <softly>."]
    assert body_of(rain) == "It poured."
    sent(ada, answer.text)
    assert body_of(rain) == "It rained <softly>."


def test_a_post_that_was_renamed_meanwhile_is_still_the_one_that_is_saved(rain: Shop):
    ada = a_browser_of(rain, Role.owner)
    page = ada.get(RAIN).text
    with rain.store.writing() as session:
        series = all_series.by_slug(session, "primer")
        correct.rename_post(session, series, "rain", "the-rain", actor="ed", now=NOW)

    answer = sent(ada, page, body="It rained.")

    assert answer.headers["location"] == "/operator/posts/primer/rain/?saved=2"
    assert body_of(rain, "rain") == "It rained."


def test_another_slug_leads_on_from_the_old_address(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    answer = sent(ed, ed.get(RAIN).text, slug="the-rain")

    assert answer.headers["location"].startswith("/operator/posts/primer/the-rain/")
    assert rain.get("/primer/rain/").headers["location"] == "https://example.org/primer/the-rain/"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "`title` is missing."),
        ({"slug": "feed.atom"}, "is reserved"),
        ({"slug": "fog"}, "has a post &#39;fog&#39; already"),
        ({"body": "It \x0b rained"}, "U+000B"),
        ({"title": "It \ufffe rained"}, "U+FFFE"),
    ],
)
def test_what_cannot_be_saved_is_said_and_stays_in_the_editor(rain: Shop, changes: dict[str, str], said: str):
    with rain.store.reading() as session:
        series = all_series.by_slug(session, "primer").id
    a_post(rain, series, "fog", title="Fog")
    ed = a_browser_of(rain, Role.editor)

    answer = sent(ed, ed.get(RAIN).text, **({"summary": "kept"} | changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert fields_of(answer.text)["summary"] == ["kept"]
    assert body_of(rain) == "It raned."


def test_the_preview_is_what_the_page_shows_and_nothing_is_written(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    body = "A *fine* formula: $x^2$ <script>alert(1)</script>\n\n```python\nprint()\n```\n"
    before = ed.get(RAIN).text

    whole = sent(ed, before, body=body, do="preview").text
    part = ed.send(RAIN, {**fields_of(before), "do": "preview", "body": body}, hx_request="true").text  # type: ignore[dict-item]
    sent(ed, before, body=body)

    prose = re.search(r'<div class="prose">\n(.*?)</div>\n</article>', rain.get("/primer/rain/").text, re.DOTALL)
    assert prose is not None
    assert prose[1].strip() in whole
    assert prose[1].strip() in part
    assert "<html" not in part
    assert "alert(1)" not in part


def test_lint_speaks_of_the_words_that_stand_in_the_editor(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    page = ed.get(RAIN).text

    preview = sent(ed, page, do="preview", body="After [the fog](../fog/).").text

    assert "where no post is" not in page
    assert "rain links to /primer/fog/, where no post is" in preview
    assert "To mend it: correct the link" in " ".join(preview.split())


def test_what_the_plan_can_mend_is_a_link_to_the_place_of_the_chapter_there(rain: Shop):
    with rain.store.writing() as session:
        primer = all_series.by_slug(session, "primer").id
    a_post(rain, primer, "twin", number="1", state=PostState.planned, due=datetime(2026, 3, 9, 7))

    page = a_browser_of(rain, Role.editor).get("/operator/posts/primer/twin/").text

    link = '<a href="/operator/plan/primer/twin/?back=/operator/posts/primer/twin/">relabel twin as 2</a>'
    assert "rain and twin both have the number 1" in page
    assert link in page


def test_a_picture_that_is_not_there_is_named_with_its_line_and_may_be_saved(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    page = sent(ed, ed.get(RAIN).text, body="It rained.\n\n![The sea](sea.png)", do="preview").text

    assert "Line 3: the image `sea.png` is not there" in " ".join(page.split())


def test_a_picture_is_taken_in_shown_and_public_once_it_is_saved(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    page = sent(ed, ed.get(RAIN).text, RAIN, ("My Sea.jpeg", PNG), body="![The sea](my-sea.png)", do="upload").text
    shown = re.search(r'<img[^>]* src="(/operator/posts/-/media/[^"]*)" alt="The sea"', page)
    assert shown is not None
    address = shown[1].replace("/operator/posts/-", "")
    private, public = ed.get(shown[1]), rain.get(address)
    sent(ed, page)

    assert (private.status_code, private.content, private.headers["content-type"]) == (200, PNG, "image/png")
    assert "sandbox" in private.headers["content-security-policy"]
    assert public.status_code == 404
    assert rain.get(address).content == PNG


@pytest.mark.parametrize(
    ("cursor", "body"),
    [
        ("4", "Rai\n![](sea.png)ns."),
        ("0", "![](sea.png)Rai\nns."),
        ("999999999", "Rai\nns.![](sea.png)"),
        ("", "Rai\nns."),
        ("-1", "Rai\nns."),
        ("9" * 5000, "Rai\nns."),
    ],
)
def test_a_picture_is_shown_where_the_cursor_was_if_a_script_said_so(either: Shop, cursor: str, body: str):
    a_post(either, a_series(either))
    ed = a_browser_of(either, Role.editor)

    page = sent(ed, ed.get(RAIN).text, RAIN, ("sea.png", PNG), body="Rai\r\nns.", cursor=cursor, do="upload").text

    assert fields_of(page)["body"] == [body.replace("\n", "\r\n")]
    assert "<code>![](sea.png)</code>" in page


def test_a_picture_that_the_text_shows_already_is_not_shown_again(either: Shop):
    a_post(either, a_series(either))
    ed = a_browser_of(either, Role.editor)
    form = {"body": "![The sea](sea.png)", "cursor": "0"}

    page = sent(ed, ed.get(RAIN).text, RAIN, ("sea.png", PNG), do="upload", **form).text

    assert fields_of(page)["body"] == ["![The sea](sea.png)"]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [("sea.png", b"<html>", "is no picture"), ("sea.png", PNG + b"0" * 20_000_000, "more than 20 MB")],
)
def test_what_is_no_picture_or_too_big_is_refused_by_its_bytes(either: Shop, name: str, body: bytes, said: str):
    a_post(either, a_series(either))
    ed = a_browser_of(either, Role.editor)

    answer = sent(ed, ed.get(RAIN).text, RAIN, (name, body), body="Still here.", do="upload")

    assert answer.status_code == 422
    assert said in answer.text
    assert fields_of(answer.text)["body"] == ["Still here."]
    with either.store.reading() as session:
        assert session.scalars(select(Media.id)).all() == []


def test_too_much_at_once_is_refused_in_words(either: Shop):
    a_post(either, a_series(either))
    ed = a_browser_of(either, Role.editor)
    page = ed.get(RAIN).text

    by_size = sent(ed, page, body="x" * 5_000_001)
    by_number = sent(ed, page, RAIN, *[("a.png", PNG)] * 30)

    assert [by_size.status_code, by_number.status_code] == [413, 413]
    assert "That is too much at once" in by_size.text
    assert "That is too much at once" in by_number.text


def test_what_is_sent_is_not_even_read_for_who_may_not_write(either: Shop):
    a_post(either, a_series(either))
    vera = a_browser_of(either, Role.viewer)

    too_much = vera.send(RAIN, {"do": "save", "body": "x" * 5_000_001})

    assert too_much.status_code == 403


def test_a_form_that_cannot_be_read_is_refused(either: Shop):
    a_post(either, a_series(either))
    ed = a_browser_of(either, Role.editor)

    answers = [
        ed.post(RAIN, content_type="multipart/form-data"),
        ed.send(RAIN, {}, content_type="multipart/form-data; boundary=another"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_pictures_that_no_post_came_to_show_are_forgotten_after_a_week_and_others_stay(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    kept = sent(ed, ed.get(RAIN).text, RAIN, ("kept.png", PNG), do="upload").text
    sent(ed, kept)
    sent(ed, ed.get(RAIN).text, RAIN, ("idle.png", PNG + b"idle"), do="upload")
    with rain.store.writing() as session:
        session.execute(update(Media).values(uploaded_at=rain.machine.replace(month=1)))

    sent(ed, ed.get(RAIN).text, RAIN, ("new.png", PNG + b"new"), do="upload")

    with rain.store.reading() as session:
        assert sorted(session.scalars(select(Media.body))) == sorted([PNG, PNG + b"new"])
        assert media.find(session, "0" * 64) is None


def test_a_new_post_is_written_as_a_draft(shop_on_both: Shop):
    a_series(shop_on_both)
    ed = a_browser_of(shop_on_both, Role.editor)
    page = ed.get("/operator/posts/-/new?series=primer").text

    answer = sent(
        ed,
        page,
        "/operator/posts/-/new",
        title="On  Rain",
        body="It rained.",
        number="7",
        tags="Sea; Fog",
        series="primer",
    )

    assert answer.headers["location"] == "/operator/posts/primer/on-rain/?saved=1"
    post = the_post(shop_on_both.store, "on-rain")
    assert (post.state, post.number) == (PostState.draft, "7")
    assert shop_on_both.get("/primer/on-rain/").status_code == 404
    assert "Put it into the plan" in ed.follow(answer).text


def test_without_a_series_nothing_can_be_written_and_the_page_says_what_to_do(either: Shop):
    assert "fascicle series create" in a_browser_of(either, Role.editor).get("/operator/posts/-/new").text


def test_vera_reads_the_text_and_is_offered_nothing_to_change(rain: Shop):
    vera = a_browser_of(rain, Role.viewer)

    page = vera.get(RAIN).text

    assert "It raned." in page
    assert "<textarea" not in page
    assert "Withdraw" not in page
    assert vera.send(RAIN, {"do": "save", "title": "x", "revision": "1"}).status_code == 403


def test_ed_takes_a_chapter_back_and_puts_it_back(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    gone = ed.follow(ed.post(f"{RAIN}withdraw")).text
    between = rain.get("/primer/rain/").status_code
    twice = ed.post(f"{RAIN}withdraw")
    back = ed.follow(ed.post(f"{RAIN}restore")).text

    assert "Taken back" in gone
    assert between == 410
    assert twice.status_code == 409
    assert "It is out again." in back
    assert rain.get("/primer/rain/").status_code == 200


def test_revisions_are_listed_compared_and_saved_again(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    sent(ed, ed.get(RAIN).text, body="It rained.", title="The Rain")

    page = ed.get(f"{RAIN}revisions/?a=1&b=2").text
    seen = re.search(r'name="revision" value="(\d+)"', page)
    assert seen is not None
    answer = ed.post(f"{RAIN}revisions/1/restore", {"revision": seen[1]})
    late = ed.post(f"{RAIN}revisions/2/restore", {"revision": seen[1]})

    assert "editor@example.org" in page
    assert "<ins>The </ins>" in page
    assert "<del>raned.</del>" in page
    assert answer.headers["location"].endswith("?saved=3")
    assert body_of(rain) == "It raned."
    assert late.status_code == 409
    assert "has saved revision 3 since you began" in late.text


def test_what_was_written_is_in_the_record(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    sent(ed, ed.get(RAIN).text, body="It rained.")

    page = ed.get("/operator/audit/?about=post:").text

    assert "save revision 2" in page
    assert "primer/rain" in page
    with rain.store.reading() as session:
        assert session.scalars(select(Audit.actor).where(Audit.action == "write")).all() == ["editor@example.org"]
