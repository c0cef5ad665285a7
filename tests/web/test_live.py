"""Pages that stay open: they are told of what others do, and keep nobody signed in by asking."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from db import series as all_series
from db.pulse import pulse
from db.states import Role
from db.tables import SignIn
from scheduler.edit import HoldNow, Swap, apply_at_once
from scheduler.release import release_overdue
from tests.making import a_source, taken_in
from tests.web.making import NOW, Shop
from tests.web.planning import a_plan
from tests.web.staff import Browser, a_browser_of


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    a_plan(shop_on_both)
    return shop_on_both


@pytest.fixture
def vera(shop: Shop) -> Browser:
    return a_browser_of(shop, Role.viewer)


def edit(shop: Shop, *, by: str = "ed@example.org") -> None:
    with shop.store.writing() as session:
        apply_at_once(session, all_series.by_slug(session, "primer"), Swap("c1", "c2"), actor=by, now=NOW)


def asked(page: str) -> str:
    """The address by which a page asks whether it is still true."""
    return re.search(r'id="live" hx-get="([^"]+)"', page)[1].replace("&amp;", "&")


PAGES = [
    "/operator/schedule/?month=2026-03",
    "/operator/schedule/?month=2026-03&series=primer",
    "/operator/plan/primer/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_told_what_somebody_else_did_and_shows_it(shop: Shop, vera: Browser, path: str):
    first = vera.get(asked(vera.get(path).text)).text
    edit(shop)

    answer = vera.get(asked(first))

    assert answer.status_code == 200
    news = answer.text[answer.text.index('id="news"') :]
    assert "swap c1 and c2" in news
    assert "ed@example.org" in news
    assert news.index("2 Chapter 2") < news.index("1 Chapter 1")
    assert vera.get(asked(answer.text)).status_code == 204


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_shows_all_there_is_gets_nothing_again(vera: Browser, path: str):
    part = vera.get(asked(vera.get(path).text)).text

    assert vera.get(asked(part)).status_code == 204


def test_nobody_is_told_of_what_they_did_themselves(shop: Shop, vera: Browser):
    page = vera.get(asked(vera.get(PAGES[0]).text)).text
    edit(shop, by="viewer@example.org")

    answer = vera.get(asked(page))

    assert answer.status_code == 200
    assert 'id="news"' not in answer.text


def test_a_plan_is_not_told_of_another(shop: Shop, vera: Browser):
    a_plan(shop, "sequel", title="The Sequel")
    page = vera.get(asked(vera.get("/operator/plan/sequel/").text)).text
    edit(shop)

    assert 'id="news"' not in vera.get(asked(page)).text


@pytest.mark.parametrize("since", ["", "x", "-1.2.looked", "9" * 40, "1.nonsense.looked", "٣.looked"])
def test_a_page_that_says_nonsense_of_itself_is_shown_all(vera: Browser, since: str):
    answer = vera.get(f"/operator/schedule/live?since={since}")

    assert answer.status_code == 200
    assert 'id="board"' in answer.text


def test_asking_by_itself_keeps_nobody_signed_in(shop: Shop, vera: Browser):
    live = asked(vera.get(PAGES[0]).text)
    shop.machine = NOW + timedelta(hours=2)
    with shop.store.reading() as session:
        before = session.scalars(select(SignIn.seen_at)).all()

    vera.get(live)
    with shop.store.reading() as session:
        after = session.scalars(select(SignIn.seen_at)).all()
    vera.get(PAGES[0])

    assert after == before
    with shop.store.reading() as session:
        assert session.scalars(select(SignIn.seen_at)).all() != before


def test_the_pulse_shows_whatever_happens_to_a_plan(shop: Shop):
    found = []

    def note() -> None:
        with shop.store.reading() as session:
            found.append(str(pulse(session)))

    note()
    edit(shop)
    note()
    with shop.store.writing() as session:
        primer = all_series.by_slug(session, "primer")
        taken_in(session, primer, [a_source("Chapter 6", slug="c6", number="6")], now=NOW)
    note()
    with shop.store.writing() as session:
        apply_at_once(session, all_series.by_slug(session, "primer"), HoldNow("a rest"), actor="ed", now=NOW)
    note()
    with shop.store.writing() as session:
        release_overdue(session, all_series.by_slug(session, "primer"), now=NOW + timedelta(days=3))
    note()

    assert len(set(found)) == 5
