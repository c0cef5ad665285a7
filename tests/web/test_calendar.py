"""Calendars on both databases: for readers what is released or announced and no word more, for operators all."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from sqlalchemy import event, update

from db import series as all_series
from db.engine import Store
from db.states import PostState
from db.tables import Post, Release, Revision
from feeds.calendar import About, operator_calendar, rendered
from tests.making import a_house
from tests.web.calendars import ADDRESSES, events, lines, summaries
from tests.web.making import NOW, TOKENS, Shop, a_post, a_series
from text.addresses import Addresses

SECRET = "whodunit"
TITLE = "The Murderer"
HIDDEN = [PostState.draft, PostState.planned]
COMING = datetime(2026, 3, 7, 7)  # a wall time in Riga


@pytest.fixture
def shop(tmp_path: Path, store: Store) -> Shop:
    a_house(store)
    return Shop(tmp_path, store)


def a_secret_post(shop: Shop, series: int, state: PostState = PostState.planned, **more: object) -> int:
    """A post with its secret in title, summary, body, slug and entry id."""
    words = {"title": TITLE, "summary": TITLE, "body": TITLE, "due": COMING, "number": "5"}
    post = a_post(shop, series, SECRET, state=state, **words | more)  # type: ignore[arg-type]
    change(shop, post, entry_id=f"https://old.example.org/2026/{SECRET}/")
    return post


def change(shop: Shop, post: int, **values: object) -> None:
    with shop.store.writing() as session:
        session.execute(update(Post).where(Post.id == post).values(**values))


def release(shop: Shop, post: int, at: datetime) -> None:
    change(shop, post, state=PostState.released, seq=1)
    with shop.store.writing() as session:
        row = session.get_one(Post, post)
        times = {"planned_at": row.due_at, "released_at": at, "lateness_ms": 0}
        session.add(Release(post_id=post, series_id=row.series_id, seq=1, **times))


def for_operators(shop: Shop, slug: str | None = None) -> bytes:
    addresses = Addresses("https://example.org")
    about = About(addresses=addresses, title="My serials", zone="Europe/Riga", fingerprint=TOKENS.fingerprint)
    with shop.store.reading() as session:
        return operator_calendar(session, all_series.find(session, slug) if slug else None, about)


def operators_events(shop: Shop, slug: str | None = None) -> list[Event]:
    return Calendar.from_ical(for_operators(shop, slug)).events


@pytest.mark.parametrize("announces", [False, True])
@pytest.mark.parametrize("state", [*HIDDEN, PostState.withdrawn])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_word_of_a_hidden_post_is_in_any_calendar(shop: Shop, address: str, state: PostState, announces: bool):
    series = a_series(shop, announces=announces)
    a_post(shop, series, "rain")
    a_secret_post(shop, series, state)

    text = lines(shop, address)

    assert "Rain" in text
    assert SECRET not in text
    assert "Murderer" not in text
    assert "old.example.org" not in text


def test_words_of_a_planned_post_are_not_even_asked_for(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True))
    asked: list[str] = []
    event.listen(shop.store.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    shop.get("/schedule.ics")

    planned = [statement for statement in asked if "series.announces" in statement]
    assert len(planned) == 1
    assert not re.search(r"posts\.slug|revisions|summary", planned[0].split("WHERE")[0])


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_series_that_does_not_announce_says_nothing_of_its_plan(shop: Shop, address: str):
    a_secret_post(shop, a_series(shop, announces=False))

    assert events(shop, address) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_held_series_promises_no_dates(shop: Shop, address: str):
    a_secret_post(shop, a_series(shop, announces=True, held_at=NOW, held_reason="the author is ill"))

    assert events(shop, address) == []


def test_a_post_whose_moment_has_passed_shows_no_words_until_it_is_released(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True), due=datetime(2026, 3, 1, 7))

    assert summaries(shop) == ["The Primer, chapter 5"]


def test_an_announced_post_is_its_date_and_number(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True))

    (found,) = events(shop)

    assert str(found["SUMMARY"]) == "The Primer, chapter 5"
    assert found.start.astimezone(UTC) == datetime(2026, 3, 7, 5, tzinfo=UTC)
    assert "DTSTART;TZID=Europe/Riga:20260307T070000" in lines(shop)
    assert "URL" not in found


def test_an_announced_post_without_a_number_is_its_date(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True), number=None)

    assert summaries(shop) == ["The Primer"]


def test_when_an_announced_post_was_written_is_not_said(shop: Shop):
    post = a_secret_post(shop, a_series(shop, announces=True, created_at=NOW))
    change(shop, post, created_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC))

    assert "20250102" not in lines(shop)
    assert "DTSTAMP:20260306T120000Z" in lines(shop)


def test_an_entry_id_cannot_be_guessed_from_a_uid(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True))

    (found,) = events(shop)

    guessed = sha256(f"https://old.example.org/2026/{SECRET}/".encode()).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{32}@example\.org", found["UID"])
    assert found["UID"][:32] not in guessed


def test_a_released_post_has_its_title_and_page(shop: Shop):
    a_post(shop, a_series(shop), "rain", title="Rain, and sun", number="1.10")

    (found,) = events(shop)

    assert str(found["SUMMARY"]) == "The Primer, 1.10 – Rain, and sun"
    assert str(found["URL"]) == "https://example.org/primer/rain/"
    assert found.start.astimezone(UTC) == datetime(2026, 3, 5, 5, tzinfo=UTC)


def test_a_released_post_without_a_number_has_its_title(shop: Shop):
    a_post(shop, a_series(shop), "rain", title="Rain")

    assert summaries(shop) == ["The Primer – Rain"]


def test_released_posts_of_a_held_series_stay(shop: Shop):
    a_post(shop, a_series(shop, held_at=NOW, held_reason="ill"), "rain", title="Rain")

    assert [str(found["STATUS"]) for found in events(shop)] == ["CONFIRMED"]


def test_a_withdrawn_post_is_not_listed(shop: Shop):
    a_post(shop, a_series(shop), "rain", state=PostState.withdrawn)

    assert events(shop) == []


def test_the_calendar_over_all_holds_every_series_in_order_of_time(shop: Shop):
    a_post(shop, a_series(shop, "fog", title="Fog"), "one", title="One", due=datetime(2026, 3, 4, 7))
    a_post(shop, a_series(shop, "sea", title="Sea"), "two", title="Two", due=datetime(2026, 3, 3, 7))

    assert summaries(shop, "/schedule.ics") == ["Sea – Two", "Fog – One"]
    assert summaries(shop, "/sea/schedule.ics") == ["Sea – Two"]


def test_an_event_keeps_its_uid_when_its_post_is_released(shop: Shop):
    post = a_secret_post(shop, a_series(shop, announces=True))
    (announced,) = events(shop)

    release(shop, post, at=datetime(2026, 3, 7, 5, 0, 3, tzinfo=UTC))

    (released,) = events(shop)
    assert released["UID"] == announced["UID"]
    assert str(released["SUMMARY"]) == f"The Primer, 5 – {TITLE}"
    assert released.start == announced.start
    assert released["SEQUENCE"] == announced["SEQUENCE"] == 0
    assert released.LAST_MODIFIED > announced.LAST_MODIFIED


def test_a_post_released_late_is_at_the_minute_it_came_out_and_its_sequence_rises(shop: Shop):
    post = a_secret_post(shop, a_series(shop, announces=True))
    change(shop, post, sequence=2)

    release(shop, post, at=datetime(2026, 3, 7, 9, 41, 59, tzinfo=UTC))

    (released,) = events(shop)
    assert released.start.astimezone(UTC) == datetime(2026, 3, 7, 9, 41, tzinfo=UTC)
    assert released["SEQUENCE"] == 3


def test_a_moved_post_keeps_its_uid_and_says_that_it_moved(shop: Shop):
    post = a_secret_post(shop, a_series(shop, announces=True))
    (before,) = events(shop)

    change(shop, post, due_at=datetime(2026, 4, 7, 4, tzinfo=UTC), sequence=1, moved_at=NOW + timedelta(hours=1))

    (after,) = events(shop)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert "DTSTART;TZID=Europe/Riga:20260407T070000" in lines(shop)
    assert after.DTSTAMP == after.LAST_MODIFIED == NOW + timedelta(hours=1)


def test_readers_and_operators_see_one_event_under_one_uid(shop: Shop):
    a_secret_post(shop, a_series(shop, announces=True))

    assert [found["UID"] for found in events(shop)] == [found["UID"] for found in operators_events(shop)]


def test_operators_see_all_that_is_planned_with_its_title(shop: Shop):
    series = a_series(shop, announces=False)
    a_post(shop, series, "rain", title="Rain")
    a_secret_post(shop, series)
    a_post(shop, series, "snow", title="Snow", state=PostState.draft)

    found = operators_events(shop, "primer")

    assert [str(one["SUMMARY"]) for one in found] == ["The Primer – Rain", f"The Primer, 5 – {TITLE}"]
    assert b"NAME:The Primer (plan)\r\n" in for_operators(shop, "primer")


def test_for_operators_the_plan_of_a_held_series_is_tentative(shop: Shop):
    series = a_series(shop, held_at=NOW, held_reason="ill")
    a_post(shop, series, "rain")
    a_secret_post(shop, series)

    assert [str(one["STATUS"]) for one in operators_events(shop)] == ["CONFIRMED", "TENTATIVE"]


def test_for_operators_a_new_title_is_a_change(shop: Shop):
    post = a_secret_post(shop, a_series(shop))
    with shop.store.writing() as session:
        written = NOW + timedelta(days=2)
        session.execute(update(Revision).where(Revision.post_id == post).values(title="Sun", created_at=written))

    (found,) = operators_events(shop)

    assert NOW + timedelta(days=2) == found.LAST_MODIFIED


@pytest.mark.parametrize("address", ADDRESSES)
def test_two_renders_without_an_edit_are_the_same_bytes(shop: Shop, address: str):
    series = a_series(shop, announces=True)
    a_post(shop, series, "rain")
    a_secret_post(shop, series)
    before = shop.get(address).content, for_operators(shop)

    shop.calendar = lambda: NOW + timedelta(days=400)
    rendered.cache_clear()

    assert (shop.get(address).content, for_operators(shop)) == before
