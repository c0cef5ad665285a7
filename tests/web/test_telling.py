"""After a correction: how many hold earlier words is shown, and a note goes to just those, each once."""

import re

import pytest
from sqlalchemy import select

from db import posts
from db import series as all_series
from db.states import DeliveryState, EditionState, LetterFormat, Purpose, Role
from db.tables import Batch, Delivery, Edition, EditionCut, Post, Series, Subscriber, Variant
from tests.web.making import NOW, Shop, a_post, a_reader, a_series
from tests.web.staff import Browser, a_browser_of
from tests.web.test_post_editor import RAIN, sent

TELL = f"{RAIN}tell/"
NOTE = "It rained; it did not rane."


@pytest.fixture
def rain(shop_on_both: Shop) -> Shop:
    """A chapter that two readers got by mail, and then Ed corrected it; a third one did not get it."""
    series = a_series(shop_on_both)
    post = a_post(shop_on_both, series, body="It raned.")
    readers = [a_reader(shop_on_both, series) for _ in range(3)]
    _mailed(shop_on_both, post, readers[:2])
    return shop_on_both


def _mailed(shop: Shop, post_id: int, readers: list[int]) -> None:
    """These readers have a letter with the chapter as it is now."""
    with shop.store.writing() as session:
        post = session.get_one(Post, post_id)
        session.get_one(Series, post.series_id).last_seq = post.seq or 0
        edition = Edition(
            key="instant:primer:1", kind="instant", moment=NOW, state=EditionState.finished, created_at=NOW
        )
        session.add(edition)
        session.flush()
        session.add(EditionCut(edition_id=edition.id, series_id=post.series_id, cut=post.seq or 0))
        batch = Batch(edition_id=edition.id, first=1, last=9, cursor=9, state="finished")
        variant = Variant(
            edition_id=edition.id,
            digest="x",
            language="en",
            format=LetterFormat.html,
            posts=[[post.id, post.revision_id]],
            skeleton=b"",
        )
        session.add_all([batch, variant])
        session.flush()
        for reader in readers:
            address = session.get_one(Subscriber, reader).address
            about = {"edition_id": edition.id, "batch_id": batch.id, "variant_id": variant.id, "date": NOW, "name": ""}
            state = {"state": DeliveryState.sent, "settled_at": NOW}
            session.add(Delivery(subscriber_id=reader, address=address, **about, **state))


def corrected(shop: Shop, by: Browser) -> str:
    """Ed mends the chapter and chooses a note; gives where that leads."""
    return str(sent(by, by.get(RAIN).text, body="It rained.", note="letter").headers["location"])


def letters(shop: Shop) -> int:
    with shop.store.reading() as session:
        return len(session.scalars(select(Delivery).where(Delivery.purpose == Purpose.correction)).all())


def asked(browser: Browser, page: str, note: str = NOTE):
    seen = re.search(r'name="revision" value="(\d+)"', page)
    assert seen is not None
    return browser.post(TELL, {"revision": seen[1], "note": note})


def test_a_correction_mails_nobody_unless_somebody_chooses_so(rain: Shop):
    ed = a_browser_of(rain, Role.editor)

    page = ed.get(RAIN).text
    sent(ed, page, body="It rained.")

    assert re.search(r'name="note" value="" checked', page)
    assert letters(rain) == 0


def test_ed_sees_how_many_got_earlier_words_then_tells_them_each_once(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    where = corrected(rain, ed)

    before = ed.get(where).text
    unsent = letters(rain)
    answer = asked(ed, before)
    after = ed.get(answer.headers["location"]).text
    again = asked(ed, before)

    assert where == TELL
    assert "Send 2 letters" in before
    assert unsent == 0
    assert letters(rain) == 2
    assert "Nobody has to be told." in after
    assert again.status_code == 422
    assert "nobody has to be told" in again.text
    assert letters(rain) == 2


def test_words_that_changed_since_are_not_told_of(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    page = ed.get(corrected(rain, ed)).text
    sent(ed, ed.get(RAIN).text, body="It poured.")

    answer = asked(ed, page)

    assert answer.status_code == 422
    assert "the words have changed since this was shown" in answer.text
    assert letters(rain) == 0


def test_a_note_that_says_nothing_is_refused_and_so_is_a_store_that_must_not_mail(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    page = ed.get(corrected(rain, ed)).text

    empty = asked(ed, page, "  ")
    rain.health = {"ok": False, "problem": "this store is a copy"}
    copy = asked(ed, page)

    assert "say what has changed" in empty.text
    assert "this store is a copy" in copy.text
    assert letters(rain) == 0


def test_letters_that_somebody_stopped_are_said_to_be(rain: Shop):
    ed = a_browser_of(rain, Role.editor)
    page = ed.get(corrected(rain, ed)).text
    with rain.store.writing() as session:
        post, words = posts.by_slug(session, all_series.by_slug(session, "primer"), "rain")
        key = f"correction:{post.id}:{words.number}"
        session.add(Edition(key=key, kind="correction", moment=NOW, state=EditionState.paused, created_at=NOW))

    answer = asked(ed, page)

    assert answer.status_code == 422
    assert "these letters are paused" in answer.text


def test_vera_sees_who_would_be_told_and_sends_nothing(rain: Shop):
    corrected(rain, a_browser_of(rain, Role.editor))
    vera = a_browser_of(rain, Role.viewer)

    page = vera.get(TELL).text

    assert "can be told" in page
    assert "Send 2 letters" not in page
    assert vera.post(TELL, {"revision": "2", "note": NOTE}).status_code == 403
