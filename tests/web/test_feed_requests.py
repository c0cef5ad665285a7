"""How often feeds are asked for: counted without a row, written now and then, shown by the day."""

from datetime import timedelta
from pathlib import Path

import pytest

from db import figures
from db.engine import Store
from db.errors import StoreUnreachable
from db.states import FeedAnswer, Role
from tests.making import at
from tests.web.conformance import FEED, PATH
from tests.web.making import NOW, Shop
from tests.web.newsroom import Newsroom, a_newsroom
from tests.web.staff import a_browser_of
from tests.web.test_plots import numbers_in
from web.asked import FeedCounter, kept

MORNING = at("2026-03-05 07:10")
WHOLE, UNCHANGED = FeedAnswer.whole, FeedAnswer.unchanged


def counted(store: Store) -> list[tuple[str, str, int]]:
    with store.reading() as session:
        rows = figures.feed_requests(session, at("2026-01-01 00:00"))
    return sorted((f"{row.at:%d %H:%M}", row.kind, row.many) for row in rows)


def test_requests_are_counted_by_the_hour_and_by_their_answer(store: Store):
    counter = FeedCounter()
    for minutes, status in ((0, 200), (5, 304), (49, 304), (50, 200), (51, 404)):
        counter.note(status, MORNING + timedelta(minutes=minutes))

    counter.keep(store)

    assert counted(store) == [("05 07:00", "unchanged", 2), ("05 07:00", "whole", 1), ("05 08:00", "whole", 1)]


def test_what_several_processes_count_is_added_up(store: Store):
    one, other = FeedCounter(), FeedCounter()
    for counter in (one, other, one):
        counter.note(200, MORNING)
        counter.keep(store)

    assert counted(store) == [("05 07:00", "whole", 3)]


def test_what_cannot_be_written_is_written_with_what_comes_after(store: Store, monkeypatch: pytest.MonkeyPatch):
    counter = FeedCounter()
    counter.note(200, MORNING)
    with monkeypatch.context() as away:
        away.setattr(store, "writing", _away)
        counter.keep(store)
    counter.note(200, MORNING)

    counter.keep(store)

    assert counted(store) == [("05 07:00", "whole", 2)]


def _away() -> None:
    raise StoreUnreachable("the database does not answer")


def test_the_rest_is_written_at_the_end(store: Store):
    counter = FeedCounter()

    with kept(counter, store, every=3600):
        counter.note(304, MORNING)

    assert counted(store) == [("05 07:00", "unchanged", 1)]


def test_a_feed_that_is_read_counts_and_a_look_at_its_headers_or_its_style_does_not(shop: Shop):
    shop.feeds.write("primer/feed.atom", FEED)
    shop.feeds.write("feeds/style.css", b"feed {}")
    tag = shop.get(PATH).headers["etag"]

    shop.get(PATH, if_none_match=tag)
    shop.ask("HEAD", PATH)
    shop.get("/feeds/style.css")
    shop.get("/other/feed.atom")
    shop.asked.keep(shop.store)

    hour = f"{NOW:%d %H}:00"
    assert counted(shop.store) == [(hour, "unchanged", 1), (hour, "whole", 1)]


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "alice")


def test_operators_see_them_day_by_day(room: Newsroom):
    now = room.shop.calendar()
    for back, status in ((0, 200), (0, 304), (0, 304), (1, 200)):
        room.shop.asked.note(status, now - timedelta(days=back))
    room.shop.asked.keep(room.shop.store)

    page = a_browser_of(room.shop, Role.viewer).get("/operator/figures/?days=14").text

    assert numbers_in(page, "asked")[:3] == [[1, 2], [1, 0], [0, 0]]
