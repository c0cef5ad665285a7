"""A look ahead where readers are too many to be counted while somebody waits."""

import re
from datetime import datetime, timedelta

import pytest

from db import crowds
from db.engine import Store
from db.states import EditionKind, Role
from db.tables import Edition, Post, Series
from scheduler import crowd
from scheduler.crowd import count_anew
from scheduler.editions import ensure_digest_hour
from tests.web.making import NOW, Shop, a_post, a_reader, a_series
from tests.web.staff import Browser, a_browser_of
from timing.clocks import Moment

DAY = "/operator/ahead/?on=2026-03-07"
DIGEST = "digest:Europe/Riga:07:2026-03-07"
NAME = "Digest of 7 March 2026, 07:00 Europe/Riga"


@pytest.fixture
def crowded(shop_on_both: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A chapter that two readers are owed, of more readers than are counted at once."""
    monkeypatch.setattr(crowd, "FEW", 1)
    primer = a_series(shop_on_both)
    rain = a_post(shop_on_both, primer, "rain", body="It rained in Riga.")
    with shop_on_both.store.writing() as session:
        session.get_one(Series, primer).last_seq = session.get_one(Post, rain).seq or 0
    for _ in range(2):
        a_reader(shop_on_both, primer)
    a_digest_hour(shop_on_both.store, 7)
    return shop_on_both


def a_digest_hour(store: Store, hour: int) -> None:
    with store.writing() as session:
        ensure_digest_hour(session, zone="Europe/Riga", hour=hour, now=NOW)


def an_edition(store: Store, *, moment: datetime) -> None:
    with store.writing() as session:
        session.add(Edition(key="instant:1:1000", kind=EditionKind.instant, moment=moment, created_at=moment))


@pytest.fixture
def vera(crowded: Shop) -> Browser:
    return a_browser_of(crowded, Role.viewer)


def test_readers_are_counted_after_the_first_answer_and_shown_with_the_next(vera: Browser):
    first, second = vera.get(DAY).text, vera.get(DAY).text

    assert "counted for the first time now" in first
    assert NAME not in first
    assert NAME in second
    assert "2 letters in all" in second


def test_a_count_is_good_for_ten_minutes_and_says_when_it_was_made(crowded: Shop, vera: Browser):
    count_anew(crowded.store, Moment(NOW, NOW))
    a_reader(crowded, 1)

    crowded.calendar = lambda: NOW + timedelta(minutes=9)
    young = vera.get(DAY).text
    crowded.calendar = lambda: NOW + timedelta(minutes=10)
    old, anew = vera.get(DAY).text, vera.get(DAY).text

    assert "as they were counted on" in young
    assert "being counted anew" not in young
    assert "being counted anew" in old
    assert "2 letters in all" in old
    assert "3 letters in all" in anew


def test_readers_are_counted_anew_soon_after_letters_went_out(crowded: Shop, vera: Browser):
    count_anew(crowded.store, Moment(NOW, NOW))
    an_edition(crowded.store, moment=NOW + timedelta(seconds=30))

    crowded.calendar = lambda: NOW + timedelta(minutes=1)

    assert "being counted anew" in vera.get(DAY).text


def test_nobody_counts_while_somebody_else_does_unless_that_one_is_dead(crowded: Shop):
    with crowded.store.writing() as session:
        crowds.begin(session, now=NOW, dead=NOW)

    meanwhile = count_anew(crowded.store, Moment(NOW, NOW + timedelta(minutes=4)))
    afterwards = count_anew(crowded.store, Moment(NOW, NOW + timedelta(minutes=5)))

    assert (meanwhile, afterwards) == (False, True)


def test_a_letter_to_come_is_opened_from_its_edition(crowded: Shop, vera: Browser):
    count_anew(crowded.store, Moment(NOW, NOW))
    [letter] = re.findall(r'href="(/operator/letter/\?on=[^"]+)"', vera.get(DAY).text)

    page = vera.get(letter.replace("&amp;", "&"))
    frame = vera.get(letter.replace("&amp;", "&").replace("letter/?", "letter/frame?"))

    assert page.status_code == 200
    assert "It rained in Riga." in frame.text


@pytest.mark.parametrize(
    "query",
    [
        f"key={DIGEST}&posts=1:999-9999999999999999999",
        f"key={DIGEST}&posts=1:800000-900000",
        f"key={DIGEST}&posts=7:0-1",
        f"key={DIGEST}",
        "key=digest:Europe/Riga:24:2026-03-07&posts=1:0-1000",
        "key=digest:Europe/Nowhere:07:2026-03-07&posts=1:0-1000",
        "key=digest:Europe/Riga:07:2026-02-30&posts=1:0-1000",
        "key=instant:1:1001&posts=1:0-1000",
    ],
)
def test_a_letter_that_nobody_will_get_is_refused(vera: Browser, query: str):
    answer = vera.get(f"/operator/letter/?on=2026-03-07&{query}")

    assert answer.status_code == 422
    assert "no such letter goes out" in answer.text


def test_editions_beyond_those_of_a_page_are_on_the_next(crowded: Shop, vera: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("web.operator.ahead.EDITIONS", 1)
    a_digest_hour(crowded.store, 9)
    a_reader(crowded, 1, hour=9)
    count_anew(crowded.store, Moment(NOW, NOW))

    first = vera.get(DAY).text
    second = vera.get(f"{DAY}&beyond=1").text

    assert (NAME in first, NAME in second) == (True, False)
    assert "1 more edition<" in first
    assert "Digest of 7 March 2026, 09:00 Europe/Riga" in second
    assert "more edition" not in second
