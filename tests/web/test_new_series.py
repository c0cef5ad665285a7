"""A series set up by one form, and what words of a cadence are shown to mean."""

import pytest

from db import series as all_series
from db.states import Role
from tests.making import a_house
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.staff import Browser, a_browser_of, an_operator, signed_in

FORM = {
    "title": "The Harbour",
    "slug": "",
    "zone": "Europe/Berlin",
    "language": "en",
    "words": "tuesdays at 18:30 from 3 March 2026",
}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    a_house(shop.store)
    return shop


@pytest.fixture
def ed(shop: Shop) -> Browser:
    an_operator(shop, "ed@example.org", Role.editor, name="Ed")
    return signed_in(shop, "ed@example.org")


def test_a_series_is_set_up_by_one_form_and_its_page_says_what_to_do_next(shop_on_both: Shop):
    shop = shop_on_both
    an_operator(shop, "ed@example.org", Role.editor, name="Ed")
    ed = signed_in(shop, "ed@example.org")

    answer = ed.post("/operator/series/new", FORM)
    page = ed.follow(answer).text

    with shop.store.reading() as session:
        made = all_series.by_slug(session, "the-harbour")
    assert (made.title, made.zone) == ("The Harbour", "Europe/Berlin")
    assert "Every Tuesday at 18:30 from 3 March 2026" in page
    assert "fascicle import FOLDER --series the-harbour" in page
    assert "ed@example.org" in page


def test_a_rhythm_without_a_start_begins_today(shop: Shop, ed: Browser):
    ed.post("/operator/series/new", FORM | {"words": "daily"})

    with shop.store.reading() as session:
        assert all_series.by_slug(session, "the-harbour").cadence["start"] == "2026-03-06"


def test_a_series_without_a_rhythm_has_dates_of_its_own(shop: Shop, ed: Browser):
    ed.post("/operator/series/new", FORM | {"words": ""})

    with shop.store.reading() as session:
        assert all_series.by_slug(session, "the-harbour").cadence is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "a title of 1 to 300 plain characters"),
        ({"title": "x" * 301, "slug": "x"}, "a title of 1 to 300 plain characters"),
        ({"slug": "primer"}, "there already"),
        ({"slug": "operator"}, "reserved"),
        ({"slug": "Ünder"}, "lower-case letters"),
        ({"zone": "Mars/Olympus"}, "not an IANA zone"),
        ({"words": "now and then"}, "now and then"),
        ({"words": "daily from 30 February 2026"}, "not in the calendar"),
    ],
)
def test_a_mistake_is_said_and_the_form_keeps_what_was_filled_in(
    shop: Shop, ed: Browser, change: dict[str, str], words: str
):
    a_plan(shop)

    answer = ed.post("/operator/series/new", FORM | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="en"' in answer.text
    with shop.store.reading() as session:
        assert [one.slug for one in all_series.all_series(session)] == ["primer"]


def test_the_next_ten_slots_are_shown_with_what_is_left_out(ed: Browser):
    words = "weekdays at 07:00 from 3 March 2026, not on 10 March 2026"

    part = ed.get(f"/operator/series/slots?words={words}&zone=Europe/Riga", hx_request="true").text

    assert "<html" not in part
    assert part.count("<li>") == 11
    assert '<del><time datetime="2026-03-10T07:00">' in part
    assert "Mon 9 Mar, 07:00" in part
    assert "Clocks of Europe/Riga" in part


def test_words_that_cannot_be_read_are_quoted_while_somebody_types(ed: Browser):
    part = ed.get("/operator/series/slots?words=weekdys&zone=UTC", hx_request="true")

    assert part.status_code == 200
    assert "weekdys" in part.text


def test_a_cadence_that_has_ended_says_so(ed: Browser):
    words = "daily at 07:00 from 1 March 2026, closed from 2 March 2026"

    assert "No slot comes any more" in ed.get(f"/operator/series/slots?words={words}&zone=UTC").text


def test_without_scripts_a_button_shows_the_slots_and_makes_nothing(shop: Shop, ed: Browser):
    page = ed.post("/operator/series/new", FORM | {"look": "look"}).text

    assert page.count('<time datetime="2026-') == 10
    with shop.store.reading() as session:
        assert all_series.find(session, "the-harbour") is None


def test_the_empty_pages_lead_an_editor_to_the_form_and_a_viewer_nowhere(shop: Shop, ed: Browser):
    vera = a_browser_of(shop, Role.viewer)

    for path in ("/operator/", "/operator/schedule/"):
        assert 'href="/operator/series/new"' in ed.get(path).text
        assert 'href="/operator/series/new"' not in vera.get(path).text
