"""The schedule: looked at, edited by what was shown, taken back; by pages, on both databases."""

import re
from datetime import UTC, datetime

import pytest
from httpx import Response

from db import series as all_series
from db.states import Role
from tests.making import the_post
from tests.web.making import NOW, Shop
from tests.web.planning import a_plan
from tests.web.staff import Browser, a_browser_of, an_operator, signed_in


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    return shop_on_both


def moment_of(shop: Shop, slug: str) -> str:
    return f"{the_post(shop.store, slug).wall:%Y-%m-%d %H:%M}"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that applies."""
    form = page[page.index('/apply"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")]))


def previewed(browser: Browser, series: str = "primer", **form: str) -> dict[str, str]:
    answer = browser.post(f"/operator/plan/{series}/preview", form)
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def applied(browser: Browser, series: str = "primer", **form: str) -> Response:
    return browser.post(f"/operator/plan/{series}/apply", previewed(browser, series, **form))


def test_a_month_shows_each_chapter_on_its_day_over_all_series(shop: Shop):
    a_plan(shop)
    a_plan(shop, "sequel", title="The Sequel", count=1)
    vera = a_browser_of(shop, Role.viewer)

    page = vera.get("/operator/schedule/").text

    ninth = page[page.index('<span class="day">9<') : page.index('<span class="day">10<')]
    assert "1 Chapter 1" in ninth
    assert "The Primer" in ninth
    assert "The Sequel" in ninth
    assert "Times of Europe/Riga." in page
    assert "clocks of Europe/Riga go forward" in page


def test_one_series_shows_the_days_on_which_nothing_comes_and_why(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)
    applied(ed, what="blackout", first="2026-03-10", last="2026-03-11", reason="a fair")

    page = ed.get("/operator/schedule/?series=primer").text

    assert len(re.findall('<span class="why">[^<]*a fair', page)) == 2
    assert "a fair" not in ed.get("/operator/schedule/").text


@pytest.mark.parametrize("month", ["", "2026-13", "nonsense", "1066-10", "9999-12"])
def test_a_month_that_cannot_be_shown_is_this_one(shop: Shop, month: str):
    vera = a_browser_of(shop, Role.viewer)

    assert "<h1>March 2026</h1>" in vera.get(f"/operator/schedule/?month={month}").text


def test_months_lead_to_each_other(shop: Shop):
    vera = a_browser_of(shop, Role.viewer)

    page = vera.get("/operator/schedule/?month=2026-12").text

    assert 'href="?month=2026-11"' in page
    assert 'href="?month=2027-01"' in page


def test_a_move_is_shown_before_it_is_done_with_all_that_follow(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    page = ed.post(
        "/operator/plan/primer/preview", {"what": "move", "post": "c2", "date": "2026-03-11", "rest": "rest"}
    ).text

    assert "4 chapters move" in page
    assert "Apply 4 moves" in page
    assert page.index("Tue 10 Mar") < page.index("Wed 11 Mar")
    assert moment_of(shop, "c2") == "2026-03-10 07:00"


def test_what_was_shown_is_done_and_can_be_undone(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    answer = applied(ed, what="move", post="c2", date="2026-03-11", rest="rest")
    page = ed.follow(answer).text
    moved = moment_of(shop, "c2"), moment_of(shop, "c5")
    version = re.search(r'/undo">\s*<input type="hidden" name="version" value="(\d+)"', page)[1]
    ed.post("/operator/plan/primer/undo", {"version": version})

    assert "4 chapters moved." in page
    assert moved == ("2026-03-11 07:00", "2026-03-16 07:00")
    assert (moment_of(shop, "c2"), moment_of(shop, "c5")) == ("2026-03-10 07:00", "2026-03-13 07:00")


def test_who_did_it_is_in_the_history(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    applied(ed, what="swap", post="c1", other="c2")

    assert "editor@example.org" in ed.get("/operator/plan/primer/").text
    assert "swap c1 and c2" in ed.get("/operator/audit/?about=series:").text


@pytest.mark.parametrize(
    ("form", "post", "then"),
    [
        ({"what": "move", "post": "c1", "date": "2026-03-09", "time": "18:00"}, "c1", "2026-03-09 18:00"),
        ({"what": "move", "post": "c5", "date": "2026-03-13", "time": "07:00", "by": "1"}, "c5", "2026-03-14 07:00"),
        ({"what": "pin", "post": "c1", "date": "2026-03-08", "time": "12:30"}, "c1", "2026-03-08 12:30"),
        ({"what": "swap", "post": "c1", "other": "c5"}, "c1", "2026-03-13 07:00"),
        ({"what": "beside", "post": "c1", "other": "c2"}, "c1", "2026-03-10 07:00"),
        ({"what": "beside", "post": "c5", "other": "c1", "place": "before"}, "c5", "2026-03-09 07:00"),
        ({"what": "shift", "post": "c1", "count": "7", "place": "days"}, "c2", "2026-03-17 07:00"),
        ({"what": "shift", "post": "c1", "count": "1", "place": "slots"}, "c2", "2026-03-11 07:00"),
        ({"what": "pause", "first": "2026-03-09", "last": "2026-03-10"}, "c1", "2026-03-11 07:00"),
        ({"what": "blackout", "first": "2026-03-09"}, "c1", "2026-03-10 07:00"),
        ({"what": "cadence", "words": "daily at 08:00 from 6 March 2026"}, "c1", "2026-03-07 08:00"),
        ({"what": "remove", "post": "c1"}, "c2", "2026-03-09 07:00"),
    ],
)
def test_each_edit_does_what_it_says(shop: Shop, form: dict[str, str], post: str, then: str):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    applied(ed, **form)

    assert moment_of(shop, post) == then


def test_a_pause_ends_when_it_is_resumed_and_what_was_taken_out_comes_in_again(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    applied(ed, what="pause")
    assert the_post(shop.store, "c1").wall is None
    applied(ed, what="resume")
    applied(ed, what="remove", post="c1")
    applied(ed, what="insert", post="c1", other="c2")

    assert moment_of(shop, "c1") == "2026-03-10 07:00"


def test_two_editors_never_overwrite_each_other(shop: Shop):
    a_plan(shop)
    an_operator(shop, "eve@example.org", Role.editor, name="Eve")
    ed, eve = a_browser_of(shop, Role.editor), signed_in(shop, "eve@example.org")
    mine = previewed(ed, what="move", post="c2", date="2026-03-11", rest="rest")

    applied(eve, what="swap", post="c1", other="c2")
    answer = ed.post("/operator/plan/primer/apply", mine)

    assert answer.status_code == 409
    assert "eve@example.org has changed the plan" in answer.text
    assert "Apply" in answer.text
    assert moment_of(shop, "c2") == "2026-03-09 07:00"


def test_an_undo_of_what_somebody_else_has_built_on_is_refused(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)
    applied(ed, what="swap", post="c1", other="c2")
    applied(ed, what="swap", post="c3", other="c4")

    answer = ed.post("/operator/plan/primer/undo", {"version": "1"})

    assert answer.status_code == 409
    assert "nothing was done" in answer.text


@pytest.mark.parametrize(
    "change", [{"hash": "0" * 16}, {"version": "7"}, {"version": "-1"}, {"version": "x"}, {"hash": ""}]
)
def test_nothing_is_done_that_was_not_shown(shop: Shop, change: dict[str, str]):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)
    form = previewed(ed, what="swap", post="c1", other="c2")

    assert ed.post("/operator/plan/primer/apply", form | change).status_code == 409
    assert moment_of(shop, "c1") == "2026-03-09 07:00"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "say what to do"),
        ({"what": "nonsense"}, "say what to do"),
        ({"what": "move", "post": "c1"}, "say when"),
        ({"what": "move", "post": "c1", "date": "yesterday"}, "yesterday"),
        ({"what": "move", "post": "c1", "date": "2020-01-01"}, "is past"),
        ({"what": "move", "post": "c1", "date": "2026-03-09", "by": "99999999999999"}, "cannot"),
        ({"what": "move", "post": "c9", "date": "2026-03-11"}, "no post"),
        ({"what": "swap", "post": "c1", "other": "c1"}, ""),
        ({"what": "shift", "post": "c1", "count": "x"}, "not a number"),
        ({"what": "shift", "post": "c1", "count": "٣"}, "not a number"),
        ({"what": "cadence", "words": "now and then"}, "now"),
        ({"what": "blackout"}, "which days"),
        ({"what": "zone", "zone": "Mars/Olympus"}, "not an IANA zone"),
        ({"what": "resume"}, "not paused"),
        ({"what": "reflow"}, "nothing is overdue"),
        ({"what": "unpin", "post": "c1"}, "not pinned"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_done(shop: Shop, form: dict[str, str], words: str):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    answer = ed.post("/operator/plan/primer/preview", form)

    assert answer.status_code == 422
    assert words in answer.text
    assert moment_of(shop, "c1") == "2026-03-09 07:00"


def test_a_held_series_is_told_on_the_first_page_and_let_go_on(shop: Shop):
    a_plan(shop)
    shop.calendar = lambda: datetime(2026, 3, 10, 12, tzinfo=UTC)
    with shop.store.writing() as session:
        series = all_series.by_slug(session, "primer")
        all_series.hold(session, series.id, reason="it slept", now=NOW)
    ed = a_browser_of(shop, Role.editor)

    assert "it slept. 2 chapters are due." in ed.get("/operator/").text
    assert "Release them now" in ed.get("/operator/plan/primer/").text
    let_go = previewed(ed, what="unhold")
    ed.post("/operator/plan/primer/apply", let_go)

    assert the_post(shop.store, "c2").state == "released"
    assert "it slept" not in ed.get("/operator/").text


def test_what_is_late_is_told_on_the_first_page(shop: Shop):
    a_plan(shop)
    shop.calendar = lambda: datetime(2026, 3, 9, 5, 1, tzinfo=UTC)
    vera = a_browser_of(shop, Role.viewer)

    page = vera.get("/operator/").text

    late, coming = page[page.index('id="late"') : page.index('id="coming"')], page[page.index('id="coming"') :]
    assert "1 Chapter 1" in late
    assert "2 Chapter 2" in coming


def test_a_viewer_is_offered_nothing_to_change(shop: Shop):
    a_plan(shop)
    vera = a_browser_of(shop, Role.viewer)

    for path in ("/operator/schedule/", "/operator/plan/primer/", "/operator/plan/primer/c1/"):
        forms = re.findall(r'<form[^>]+method="post"[^>]+action="([^"]+)"', vera.get(path).text)
        assert set(forms) == {"/operator/sign-out"}, path


def test_a_script_gets_the_panel_alone_and_everybody_else_a_whole_page(shop: Shop):
    a_plan(shop)
    vera = a_browser_of(shop, Role.viewer)

    whole, part = vera.get("/operator/plan/primer/c1/"), vera.get("/operator/plan/primer/c1/", hx_request="true")

    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.headers["vary"] == "HX-Request, Cookie, Accept-Encoding, Accept-Language"


def test_a_script_of_somebody_whose_sign_in_ended_is_told_where_to_go(shop: Shop):
    answer = Browser(shop).get("/operator/plan/primer/c1/", hx_request="true")

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/operator/sign-in")


@pytest.mark.parametrize("path", ["plan/nothing/", "plan/primer/nothing/", "schedule/?series=nothing"])
def test_what_is_not_there_is_not_found(shop: Shop, path: str):
    a_plan(shop)

    assert a_browser_of(shop, Role.viewer).get(f"/operator/{path}").status_code == 404


def test_titles_are_text_and_never_markup(shop: Shop):
    a_plan(shop, title='"><script>alert(1)</script>')
    ed = a_browser_of(shop, Role.editor)

    for path in ("", "schedule/", "plan/primer/", "plan/primer/c1/"):
        page = ed.get(f"/operator/{path}").text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_applying_leads_nowhere_else(shop: Shop):
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)
    form = previewed(ed, what="swap", post="c1", other="c2", back="https://evil.example/operator/")

    answer = ed.post("/operator/plan/primer/apply", form | {"back": "//evil.example/operator/"})

    assert answer.headers["location"] == "/operator/?done=primer"
